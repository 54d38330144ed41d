import { createHash } from 'node:crypto';
import { LazuliError } from '../config/errors.ts';
import {
  batchTime,
  bundlesTable,
  isRewritten,
  type Manifest,
  manifestKey,
  manifestSchema,
  tableKey,
} from '../ingest/layout.ts';
import { Snapshot, type SnapshotOfBatches } from '../ingest/snapshot.ts';
import type { MetadataPlugin } from '../plugins/metadata.ts';
import { deadLetter, deadLetterKey } from '../streams/dead-letter.ts';
import type { DeadLetters } from '../streams/dead-letters.ts';
import type { FaultPoint, ObjectStore } from '../streams/ports.ts';
import { readIfThere } from '../streams/storage-errors.ts';
import { text, texts } from './sql.ts';
import { emptyStatements, forgetStatements, loadStatements, noteStatements, type StagedBatch } from './store/load.ts';
import type { Store } from './store/store.ts';

/** Batches loaded in one transaction: bounds what a crash repeats, and the list of files of a statement. */
export const maxBatchesAtOnce = 64;

export interface LoadingParts {
  readonly store: Store;
  readonly plugin: MetadataPlugin;
  readonly catalog: string;
  readonly objects: ObjectStore;
  readonly deadLetters: DeadLetters;
  readonly fault: FaultPoint;
}

/**
 * Brings staged batches into the store. Manifests are the truth: what they don't list doesn't exist,
 * and a batch whose files aren't what its manifest says goes to the dead letters until they are.
 */
export class Loading {
  readonly #parts: LoadingParts;
  /** batches that were found damaged by this process */
  readonly #damaged = new Set<string>();
  readonly #snapshot: Snapshot;
  #batches = 0;
  /** batches that don't count, as of the last look: a late pointer may name one */
  #replaced: SnapshotOfBatches['replacedBy'] = new Map();

  constructor(parts: LoadingParts) {
    this.#parts = parts;
    this.#snapshot = new Snapshot(parts.objects, parts.catalog);
  }

  /** that were loaded since the process started */
  get batches(): number {
    return this.#batches;
  }

  /** Loads those of any number of batches that aren't in the store yet, some in a transaction. */
  async loadAll(batches: readonly string[], nextCommit: () => Promise<number>): Promise<void> {
    for (let i = 0; i < batches.length; i += maxBatchesAtOnce) {
      this.#batches += await this.load(batches.slice(i, i + maxBatchesAtOnce), nextCommit);
      this.#parts.fault('transform.loaded');
    }
  }

  /**
   * Loads those of the batches that aren't in the store yet.
   *
   * @param nextCommit called in the transaction; gives its number
   * @returns how many were loaded
   */
  async load(batches: readonly string[], nextCommit: () => Promise<number>): Promise<number> {
    const loaded = await this.#loaded();
    const missing = [...new Set(batches)].filter((batch) => !loaded.has(batch) && !this.#replaced.has(batch));
    const staged = (await Promise.all(missing.slice(0, maxBatchesAtOnce).map((batch) => this.verified(batch)))).filter(
      (batch) => batch !== null,
    );
    if (staged.length === 0) return 0;
    const news = staged.filter((one) => !isKnown(one, loaded));
    const dropped = new Set(staged.flatMap(({ drops }) => drops));
    await this.#parts.store.transaction(async () => {
      const commit = await nextCommit();
      if (news.some(({ bundles }) => bundles > 0)) await this.#insert(news, commit);
      for (const statement of noteStatements(staged, commit)) await this.#parts.store.run(statement);
      for (const source of dropped) await this.#forget(source, commit);
    });
    return news.length;
  }

  async #insert(staged: readonly StagedBatch[], commit: number, only?: { readonly source: string }): Promise<void> {
    const { store, plugin } = this.#parts;
    const firstKey = Number((await store.meta('nextKey')) ?? 1);
    const { look, replace, add } = loadStatements(plugin, staged, { firstKey, commit, ...only });
    for (const statement of look) await store.run(statement);
    const replaces = (await store.number('SELECT count(*) FROM replaced')) > 0;
    for (const statement of replaces ? [...replace, ...add] : add) await store.run(statement);
    const added = await store.number('SELECT count(*) FROM fresh');
    await store.setMeta('nextKey', String(firstKey + added));
  }

  /** Nothing of a source stays but what was staged after it was removed. */
  async #forget(source: string, commit: number): Promise<void> {
    const { store, plugin } = this.#parts;
    for (const statement of forgetStatements(plugin, source, commit)) await store.run(statement);
    const again = await this.batchesOf(source);
    if (again.length > 0) await this.#insert(again, commit, { source });
  }

  /** Batches in the store that have something of a source. */
  async batchesOf(source: string): Promise<readonly StagedBatch[]> {
    const { store, objects, catalog } = this.#parts;
    const loaded = await store.rows('SELECT batch FROM batches WHERE bundles > 0 ORDER BY batch');
    if (loaded.length === 0) return [];
    const files = await Promise.all(
      loaded.map(({ batch }) => objects.localPath(tableKey(catalog, bundlesTable.name, String(batch)))),
    );
    const found = await store.rows(`SELECT DISTINCT parse_filename(filename, true) AS batch
      FROM read_parquet(${texts(files)}, filename = true) WHERE source_id = ${text(source)} ORDER BY batch`);
    const batches = await Promise.all(found.map(({ batch }) => this.verified(String(batch))));
    return batches.filter((batch) => batch !== null);
  }

  /** Batches that count and aren't in the store: what the reconciler loads (invariant 1). */
  async unloaded(): Promise<readonly string[]> {
    const [{ live }, loaded] = await Promise.all([this.snapshot(), this.#loaded()]);
    return live.filter((batch) => !loaded.has(batch));
  }

  /** Loads what the reconciler would. @returns whether there was anything new */
  async catchUp(nextCommit: () => Promise<number>): Promise<boolean> {
    const before = this.#batches;
    await this.loadAll(await this.unloaded(), nextCommit);
    return this.#batches > before;
  }

  async snapshot(): Promise<SnapshotOfBatches> {
    const snapshot = await this.#snapshot.read();
    this.#replaced = snapshot.replacedBy;
    return snapshot;
  }

  /** Batches that were made since a time count as not loaded. @returns how many */
  async forgetSince(millis: number): Promise<number> {
    const loaded = [...(await this.#loaded())].filter((batch) => batchTime(batch) >= millis);
    await this.#parts.store.run(`DELETE FROM batches WHERE list_contains(${texts(loaded)}::VARCHAR[], batch)`);
    return loaded.length;
  }

  /**
   * Whether every one of the batches only adds to what is in the store, or stands for batches that are. Of another one
   * it can't be said what those that it replaces had touched: one that was in the index, but never in this store.
   */
  async onlyAdd(batches: readonly string[]): Promise<boolean> {
    const loaded = await this.#loaded();
    for (const batch of batches.filter(isRewritten)) {
      const staged = await this.verified(batch);
      if (staged === null || !isKnown(staged, loaded)) return false;
    }
    return true;
  }

  /**
   * Empties a store of which it can't be said any more what became of its batches: one from before batches were
   * replaced, and their replacements in turn.
   *
   * @returns whether it was emptied
   */
  async emptyIfLost(): Promise<boolean> {
    const { store, plugin } = this.#parts;
    const [{ live, replacedBy }, loaded] = await Promise.all([this.snapshot(), this.#loaded()]);
    const known = new Set(live);
    const isLost = (batch: string): boolean => !known.has(batch) && !known.has(replacedBy.get(batch) ?? '');
    if (![...loaded].some(isLost)) return false;
    await store.transaction(async () => {
      for (const statement of emptyStatements(plugin)) await store.run(statement);
    });
    return true;
  }

  async #loaded(): Promise<ReadonlySet<string>> {
    const rows = await this.#parts.store.peek('SELECT batch FROM batches');
    return new Set(rows.map(({ batch }) => String(batch)));
  }

  /** @returns null for a batch that doesn't exist, or is damaged: it is with the dead letters then */
  async verified(batch: string): Promise<StagedBatch | null> {
    try {
      const manifest = await this.#manifest(batch);
      if (manifest === null) return null;
      const staged = await this.#files(manifest);
      await this.#mended(batch);
      return staged;
    } catch (error) {
      if (!(error instanceof LazuliError)) throw error;
      if (error.code === 'batch_outdated' && (await this.snapshot()).replacedBy.has(batch)) return null;
      if (error.disposition !== 'dead') throw error;
      await this.#giveUp(batch, error);
      return null;
    }
  }

  async #manifest(batch: string): Promise<Manifest | null> {
    const { objects, catalog } = this.#parts;
    const bytes = await objects.get(manifestKey(catalog, batch));
    if (bytes === null) return null;
    try {
      return manifestSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
    } catch (cause) {
      throw damaged(batch, 'its manifest can not be read', cause);
    }
  }

  async #files(manifest: Manifest): Promise<StagedBatch> {
    const { objects, catalog, plugin } = this.#parts;
    const { name, version } = manifest.plugin;
    if (name !== plugin.name || version !== plugin.version) {
      throw outdated(manifest, plugin);
    }
    const files: Record<string, string> = {};
    for (const [table, { sha256 }] of Object.entries(manifest.tables)) {
      const key = tableKey(catalog, table, manifest.batch);
      // What is looked at is what will be loaded; where staging is a bucket, it is fetched once.
      const file = await objects.localPath(key);
      const bytes = await readIfThere(file);
      if (bytes === null) throw damaged(manifest.batch, `${key} is missing`);
      if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        throw damaged(manifest.batch, `${key} is not what was staged`);
      files[table] = file;
    }
    const bytes = Object.values(manifest.tables).reduce((sum, table) => sum + table.bytes, 0);
    const { batch, replaces, drops, bundles } = manifest;
    return { batch, replaces, drops, bundles: bundles.length, bytes, files };
  }

  async #giveUp(batch: string, error: LazuliError): Promise<void> {
    if (this.#damaged.has(batch)) return;
    await this.#parts.deadLetters.put(deadLetter(error, this.#about(batch)));
    this.#damaged.add(batch);
  }

  /** The letter may be that of an earlier process, so it is deleted whether we know of it or not. */
  async #mended(batch: string): Promise<void> {
    this.#damaged.delete(batch);
    await this.#parts.deadLetters.delete(deadLetterKey(deadLetter(null, this.#about(batch))));
  }

  #about(batch: string) {
    return {
      catalog: this.#parts.catalog,
      stage: 'transform',
      kind: 'batch',
      identity: batch,
      payload: { catalog: this.#parts.catalog, batch },
    } as const;
  }
}

/** Whether the store has everything that a batch stands for: then it has nothing new (invariant 2). */
function isKnown({ replaces }: StagedBatch, loaded: ReadonlySet<string>): boolean {
  return replaces.length > 0 && replaces.every((batch) => loaded.has(batch));
}

/** Nothing is loaded past it: a store without those batches would lose their documents. */
function outdated({ batch, plugin: { name, version } }: Manifest, plugin: MetadataPlugin): LazuliError {
  const message = `Batch ${batch} was staged by version ${version} of plug-in ${name}; this is version ${plugin.version} of ${plugin.name}`;
  return new LazuliError('batch_outdated', message, {
    remedy:
      'Nothing, where ingest runs with this version, too: it normalizes the batch again. Else run that version. The index serves meanwhile.',
  });
}

function damaged(batch: string, what: string, cause?: unknown): LazuliError {
  return new LazuliError('batch_damaged', `Batch ${batch} can't be loaded: ${what}.`, {
    remedy: 'Restore the file, or redrive this letter: the bundles that the batch names are fetched and staged again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
