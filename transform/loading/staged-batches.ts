import { LazuliError } from '../../core/config/errors.ts';
import { parsedJson } from '../../core/config/text.ts';
import { severalAtATime } from '../../core/runtime/several.ts';
import { type Manifest, manifestKey, manifestSchema, stagedBy, tableKey } from '../../core/staged/layout.ts';
import { type BatchStandings, Standings } from '../../core/staged/standings.ts';
import { deadLetter, deadLetterKey } from '../../core/storage/dead-letter.ts';
import { sha256Of } from '../../core/storage/digest.ts';
import { readIfThere } from '../../core/storage/storage-errors.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { storedBatches } from '../store/batches.ts';
import type { StagedBatch } from '../store/load.ts';
import type { Part } from '../store/part.ts';
import { damaged, outdated } from './batch-faults.ts';

/** Files of a batch that are read and hashed at a time. */
const filesAtOnce = 2;

/**
 * Staged batches as they are found: which of them count, and each with its files at hand, which are what its manifest
 * says. One that isn't goes to the dead letters until it is.
 */
export class StagedBatches {
  readonly #context: CatalogContext;
  readonly #standings: Standings;
  /** batches that don't count, as of the last look: a late pointer may name one */
  #replaced: BatchStandings['replacedBy'] = new Map();
  /** those that manifests replace which were read since */
  #replacedSince = new Set<string>();
  /** those that were found damaged by this process */
  readonly #damaged = new Set<string>();
  /** those that can't be loaded, though their files are what was staged */
  readonly #aside = new Set<string>();

  constructor(context: CatalogContext) {
    this.#context = context;
    this.#standings = new Standings(context.objects, context.catalog);
  }

  async standings(): Promise<BatchStandings> {
    const standings = await this.#standings.read();
    this.#replaced = standings.replacedBy;
    this.#replacedSince = new Set();
    return standings;
  }

  /** Batches that count and aren't in the store: what the reconciler loads (invariant 1). */
  async unloaded(): Promise<readonly string[]> {
    const [{ live }, stored] = await Promise.all([this.standings(), storedBatches(this.#context.store)]);
    return live.filter((batch) => !stored.has(batch));
  }

  /** Whether others replaced a batch at the last look at all of them, or do so that were read since. */
  isReplaced(batch: string): boolean {
    return this.#replaced.has(batch) || this.#replacedSince.has(batch);
  }

  /** Hides a batch from this process; it is with the dead letters. */
  async setAside(batch: string, error: LazuliError): Promise<void> {
    await this.#giveUp(batch, error);
    this.#aside.add(batch);
  }

  /** Those that exist and aren't damaged; one after the other, as their files are read. */
  async all(batches: readonly string[]): Promise<readonly StagedBatch[]> {
    const found: StagedBatch[] = [];
    for (const batch of batches) {
      const staged = await this.one(batch);
      if (staged !== null) found.push(staged);
    }
    return found;
  }

  /** @returns null for a batch that doesn't count, or is damaged: it is with the dead letters then */
  async one(batch: string): Promise<StagedBatch | null> {
    if (this.#aside.has(batch)) return null;
    try {
      const manifest = await this.#manifest(batch);
      if (manifest === null) return null;
      for (const replaced of manifest.replaces) this.#replacedSince.add(replaced);
      const staged = await this.#files(manifest);
      await this.#mended(batch);
      return staged;
    } catch (error) {
      if (!(error instanceof LazuliError)) throw error;
      // What was given up was looked for then: to list all that is staged each time that it is tried would take long.
      const isNew = error.code === 'batch_damaged' && !this.#damaged.has(batch);
      if ((isNew || error.code === 'batch_outdated') && (await this.#isGone(batch))) return null;
      if (error.disposition !== 'dead') throw error;
      await this.#giveUp(batch, error);
      return null;
    }
  }

  /**
   * Whether a batch doesn't count by now: files go once others replace it, also while a superseded worker that doesn't
   * know it still reads them.
   */
  async #isGone(batch: string): Promise<boolean> {
    const { objects, catalog } = this.#context;
    const { replacedBy } = await this.standings();
    return replacedBy.has(batch) || (await objects.get(manifestKey(catalog, batch))) === null;
  }

  async #manifest(batch: string): Promise<Manifest | null> {
    const { objects, catalog } = this.#context;
    const bytes = await objects.get(manifestKey(catalog, batch));
    if (bytes === null) return null;
    try {
      return manifestSchema.parse(parsedJson(bytes));
    } catch (cause) {
      throw damaged(batch, 'its manifest can not be read', cause);
    }
  }

  async #files(manifest: Manifest): Promise<StagedBatch> {
    const { catalog, plugin } = this.#context;
    const { name, version } = manifest.plugin;
    if (name !== plugin.name || version !== plugin.version) {
      throw outdated(manifest, plugin);
    }
    const files: Record<string, string> = {};
    await severalAtATime(filesAtOnce, Object.entries(manifest.tables), async ([table, { sha256 }]) => {
      files[table] = await this.#file(manifest.batch, tableKey(catalog, table, manifest.batch), sha256);
    });
    const bytes = Object.values(manifest.tables).reduce((sum, table) => sum + table.bytes, 0);
    const { batch, replaces, admits = [], bundles } = manifest;
    const staged = stagedBy(manifest);
    return { batch, replaces, admits, drops: partDropped(manifest), bundles: bundles.length, bytes, staged, files };
  }

  /** What is looked at is what will be loaded; where staging is a bucket, it is fetched once. */
  async #file(batch: string, key: string, sha256: string): Promise<string> {
    const file = await this.#context.objects.localPath(key);
    const bytes = await readIfThere(file);
    if (bytes === null) throw damaged(batch, `${key} is missing`);
    if ((await sha256Of(bytes)) !== sha256) throw damaged(batch, `${key} is not what was staged`);
    return file;
  }

  async #giveUp(batch: string, error: LazuliError): Promise<void> {
    if (this.#damaged.has(batch)) return;
    await this.#context.deadLetters.put(deadLetter(error, this.#about(batch)));
    this.#damaged.add(batch);
  }

  /** The letter may be that of an earlier process, so it is deleted whether we know of it or not. */
  async #mended(batch: string): Promise<void> {
    this.#damaged.delete(batch);
    await this.#context.deadLetters.delete(deadLetterKey(deadLetter(null, this.#about(batch))));
  }

  #about(batch: string) {
    return {
      catalog: this.#context.catalog,
      stage: 'transform',
      kind: 'batch',
      identity: batch,
      payload: { catalog: this.#context.catalog, batch },
    } as const;
  }
}

function partDropped({ drops, prefix = '' }: Manifest): Part | null {
  return drops.length === 0 ? null : { sources: drops, prefix };
}
