import { LazuliError } from '../../core/config/errors.ts';
import { isWithin } from '../../core/config/sources.ts';
import { text, texts } from '../../core/duckdb/sql.ts';
import { markOf, type RestagingProgress, type Restagings } from '../../core/runs/restaging.ts';
import type { RunOptions, RunRestaging } from '../../core/runs/run.ts';
import { WholeSources } from '../../core/runs/whole-sources.ts';
import {
  batchTime,
  bundlesTable,
  layoutVersion,
  type Manifest,
  manifestKey,
  newBatchId,
} from '../../core/staged/layout.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { expectOwned } from '../catalog/epochs.ts';
import { Merge } from '../compaction/merge.ts';
import { together } from '../compaction/removals.ts';
import type { Loading } from '../loading/loading.ts';
import { storedBatches } from '../store/batches.ts';
import type { StagedBatch } from '../store/load.ts';
import { inPart, type Part } from '../store/part.ts';
import { storedBundles } from '../store/sources.ts';
import { Unconfirmed } from '../verification/failures.ts';
import { mostLost } from '../verification/vanished.ts';

/** What a run has staged aside, all of it. */
export interface WholeSet {
  readonly run: string;
  readonly options: RunOptions;
  /** milliseconds since the epoch: what was staged later stays */
  readonly since: number;
  readonly progress: RestagingProgress;
}

type Vanished = NonNullable<RunRestaging['vanished']>;

/** Rows of a statement. */
const most = 5000;
/** Bundles that were given up: they stay as they are. */
const isKept = '(source_id, lower(bundle_uuid)) IN (SELECT (source_id, bundle_uuid) FROM kept)';

/**
 * Has a set that was staged aside take the place of what was staged before, with the one put of a manifest
 * (architecture, invariant 2). It replaces every batch from before the run that has something of the run's part, admits
 * what was staged aside, and what those batches have beyond the part, which is written aside first. What was staged since
 * the run began is in batches of its own and stays.
 */
export class Replacement {
  readonly #context: CatalogContext;
  readonly #loading: Loading;
  readonly #restagings: Restagings;
  readonly #wholeSources: WholeSources;

  constructor(context: CatalogContext, loading: Loading, restagings: Restagings) {
    this.#context = context;
    this.#loading = loading;
    this.#restagings = restagings;
    this.#wholeSources = new WholeSources(context.objects, context.catalog);
  }

  /** Whether the set of a run counts already. */
  async isDone(run: string): Promise<boolean> {
    const { objects, catalog } = this.#context;
    const batch = await this.#restagings.replacement(run);
    return batch !== null && (await objects.get(manifestKey(catalog, batch))) !== null;
  }

  /**
   * Compares the set with what counts. All that is staged must be in the store.
   *
   * @throws LazuliError `batch_damaged` where a batch of the set isn't what was staged
   */
  async compare(whole: WholeSet): Promise<{ readonly part: Part; readonly vanished: Vanished }> {
    const { store } = this.#context;
    const set = await this.#verified(whole.progress.batches);
    const part = await this.#partOf(whole);
    await this.#keep(whole.progress.kept);
    const later = await this.#files('>', whole.since);
    const files = [...set.flatMap(({ files }) => files[bundlesTable.name] ?? []), ...later];
    await store.run(`CREATE OR REPLACE TEMP TABLE coming AS SELECT source_id, bundle_uuid FROM kept
      ${files.length === 0 ? '' : `UNION SELECT source_id, lower(bundle_uuid) FROM read_parquet(${texts(files)}) WHERE action = 'add'`}`);
    // What isn't read counts as well: it is the catalog that loses a share.
    const all = { ...part, sources: [...part.sources, ...whole.progress.unchanged] };
    const [row] =
      await store.rows(`SELECT count(*) AS before, count(*) FILTER (b.is_read AND c.bundle_uuid IS NULL) AS vanished
      FROM (SELECT source_id, lower(bundle_uuid) AS bundle_uuid, ${inPart(part)} AS is_read FROM bundles WHERE selected AND ${inPart(all)}) b
      LEFT JOIN coming c USING (source_id, bundle_uuid)`);
    return { part, vanished: { before: Number(row?.before), vanished: Number(row?.vanished) } };
  }

  /** After `compare`. May be tried again. @throws LazuliError `superseded` */
  async replace({ run, options, since, progress }: WholeSet, part: Part): Promise<void> {
    const { clock, fault, objects, catalog, store } = this.#context;
    const { fallen, carried } = await this.#carryOver(run, part, since);
    const { live, admitted } = await this.#loading.staged.standings();
    // A batch that can't be read isn't in the store; nothing of it can be carried over, and where everything is staged
    // anew nothing needs to be.
    const stored = await storedBatches(store);
    const isUnread = (batch: string): boolean => !stored.has(batch) && batchTime(batch) <= since;
    const isAll = options.source === null && options.prefix === '' && progress.unchanged.length === 0;
    const unread = isAll ? live.filter(isUnread) : [];
    const replaces = new Set([...fallen, ...unread]);
    const now = clock.now();
    const batch = (await this.#restagings.replacement(run, newBatchId(now, { replacing: true }))) ?? '';
    const manifest = this.#manifest(batch, now, part, {
      replaces: [...replaces],
      admits: [...admitted.filter((one) => !replaces.has(one)), ...carried, ...progress.batches],
      staged: new Date(since).toISOString(),
    });
    await expectOwned(this.#context);
    await objects.putIfAbsent(manifestKey(catalog, batch), Buffer.from(JSON.stringify(manifest), 'utf8'));
    fault('transform.replaced');
    await this.#noteWhole(options, progress);
  }

  /** Where all bundles of a source were asked for: what a later run needn't read again. */
  async #noteWhole({ prefix }: RunOptions, { sources, unchanged }: RestagingProgress): Promise<void> {
    if (prefix !== '') return;
    const whole = sources.map(({ source, spec, done, failed }) => ({ source, spec, bundles: done - failed }));
    const stored = await storedBundles(this.#context.store);
    await this.#wholeSources.add(whole, (one) => unchanged.includes(one) || stored.has(one));
  }

  #manifest(
    batch: string,
    now: number,
    { sources, prefix }: Part,
    said: Pick<Manifest, 'replaces' | 'admits' | 'staged'>,
  ): Manifest {
    const { plugin, catalog } = this.#context;
    return {
      ...{ layout: layoutVersion, batch, catalog, created: new Date(now).toISOString() },
      plugin: { name: plugin.name, version: plugin.version },
      ...{ drops: [...sources], prefix, ...said, tables: {}, bundles: [] },
    };
  }

  /** @returns batches from before that have something of the part, and what they have beyond it, written aside */
  async #carryOver(run: string, part: Part, since: number) {
    const { store, clock, fault } = this.#context;
    const files = await this.#files('<=', since);
    if (files.length === 0) return { fallen: [], carried: [] };
    const within = `(${inPart(part)} AND NOT ${isKept})`;
    const rows = await store.rows(`SELECT parse_filename(filename, true) AS batch, bool_or(NOT ${within}) AS beyond
      FROM read_parquet(${texts(files)}, filename = true) GROUP BY ALL HAVING bool_or(${within}) ORDER BY batch`);
    const merged = rows.filter(({ beyond }) => beyond === true).map(({ batch }) => String(batch));
    const carried: string[] = [];
    for (const inputs of together(await this.#loading.staged.all(merged))) {
      const now = clock.now();
      const batch = newBatchId(now, { run: markOf(run) });
      const job = { batch, created: new Date(now).toISOString(), inputs, drops: part, replaces: false, keeps: isKept };
      const merge = new Merge(this.#context, job);
      while (!(await merge.step()));
      carried.push(batch);
      fault('transform.carried-over');
    }
    return { fallen: rows.map(({ batch }) => String(batch)), carried };
  }

  async #verified(batches: readonly string[]): Promise<readonly StagedBatch[]> {
    try {
      const found = await this.#loading.staged.all(batches);
      if (found.length === batches.length) return found;
    } catch (error) {
      if (!(error instanceof LazuliError) || error.code !== 'batch_outdated') throw error;
    }
    throw new LazuliError(
      'batch_damaged',
      'Of what was staged for the run some is damaged, missing or of another version',
      {
        remedy: 'Resume the run: everything is staged again.',
      },
    );
  }

  /** Sources that the repository lists, and those of which something is staged. */
  async #partOf({ options, progress }: WholeSet): Promise<Part> {
    const files = await this.#loading.bundleFiles();
    const rows =
      files.length === 0
        ? []
        : await this.#context.store.rows(`SELECT DISTINCT source_id, source_spec FROM read_parquet(${texts(files)})`);
    const staged = rows.map((row) => ({ id: String(row.source_id), spec: String(row.source_spec) }));
    const wanted = staged
      .filter((source) => isWithin(source, options) && !progress.unchanged.includes(source.id))
      .map(({ id }) => id);
    const sources = new Set([...progress.sources.map(({ source }) => source), ...wanted]);
    return { sources: [...sources].sort(), prefix: options.prefix };
  }

  async #keep(kept: RestagingProgress['kept']): Promise<void> {
    const { store } = this.#context;
    await store.run('CREATE OR REPLACE TEMP TABLE kept (source_id VARCHAR, bundle_uuid VARCHAR)');
    for (let i = 0; i < kept.length; i += most) {
      const rows = kept.slice(i, i + most).map(({ source, uuid }) => `(${text(source)}, ${text(uuid)})`);
      await store.run(`INSERT INTO kept VALUES ${rows.join(', ')}`);
    }
  }

  async #files(than: '<=' | '>', since: number): Promise<readonly string[]> {
    return this.#loading.bundleFiles(`staged ${than} ${since}`);
  }
}

/** @throws Unconfirmed where more bundles vanish than may unasked */
export function expectFewGone({ before, vanished }: Vanished): void {
  if (vanished <= before * mostLost) return;
  throw new Unconfirmed(`The repository doesn't list ${vanished} of ${before} bundles that count`);
}
