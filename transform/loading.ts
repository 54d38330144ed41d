import { createHash } from 'node:crypto';
import { LazuliError } from '../config/errors.ts';
import { type Manifest, manifestKey, manifestPrefix, manifestSchema, tableKey } from '../ingest/layout.ts';
import type { MetadataPlugin } from '../plugins/metadata.ts';
import { deadLetter, deadLetterKey } from '../streams/dead-letter.ts';
import type { DeadLetters } from '../streams/dead-letters.ts';
import type { ObjectStore } from '../streams/ports.ts';
import { loadStatements, type StagedBatch } from './store/load.ts';
import type { Store } from './store/store.ts';

/** Batches loaded in one transaction: bounds what a crash repeats, and the list of files of a statement. */
export const maxBatchesAtOnce = 64;

export interface LoadingParts {
  readonly store: Store;
  readonly plugin: MetadataPlugin;
  readonly catalog: string;
  readonly objects: ObjectStore;
  readonly deadLetters: DeadLetters;
}

/**
 * Brings staged batches into the store. Manifests are the truth: what they don't list doesn't exist,
 * and a batch whose files aren't what its manifest says goes to the dead letters until they are.
 */
export class Loading {
  readonly #parts: LoadingParts;
  /** batches that were found damaged by this process */
  readonly #damaged = new Set<string>();

  constructor(parts: LoadingParts) {
    this.#parts = parts;
  }

  /**
   * Loads those of the batches that aren't in the store yet.
   *
   * @param nextCommit called in the transaction; gives its number
   * @returns how many were loaded
   */
  async load(batches: readonly string[], nextCommit: () => Promise<number>): Promise<number> {
    const { store, plugin } = this.#parts;
    const missing = await this.#missing(batches.slice(0, maxBatchesAtOnce));
    const staged = (await Promise.all(missing.map((batch) => this.#verified(batch)))).filter((batch) => batch !== null);
    if (staged.length === 0) return 0;
    await store.transaction(async () => {
      const firstKey = Number((await store.meta('nextKey')) ?? 1);
      const commit = await nextCommit();
      const { look, replace, add } = loadStatements(plugin, staged, firstKey, commit);
      for (const statement of look) await store.run(statement);
      const replaces = (await store.number('SELECT count(*) FROM replaced')) > 0;
      for (const statement of replaces ? [...replace, ...add] : add) await store.run(statement);
      const added = await store.number('SELECT count(*) FROM fresh');
      await store.setMeta('nextKey', String(firstKey + added));
    });
    return staged.length;
  }

  /** Batches whose manifest exists and that aren't in the store: what the reconciler loads (invariant 1). */
  async unloaded(): Promise<readonly string[]> {
    const staged: string[] = [];
    const folder = manifestPrefix(this.#parts.catalog);
    for await (const key of this.#parts.objects.list(folder))
      staged.push(key.slice(folder.length).replace(/\.json$/, ''));
    return this.#missing(staged);
  }

  async #missing(batches: readonly string[]): Promise<readonly string[]> {
    const rows = await this.#parts.store.peek('SELECT batch FROM batches');
    const loaded = new Set(rows.map(({ batch }) => String(batch)));
    return [...new Set(batches)].filter((batch) => !loaded.has(batch));
  }

  async #verified(batch: string): Promise<StagedBatch | null> {
    try {
      const manifest = await this.#manifest(batch);
      if (manifest === null) return null;
      const staged = await this.#files(manifest);
      await this.#mended(batch);
      return staged;
    } catch (error) {
      if (!(error instanceof LazuliError) || error.disposition !== 'dead') throw error;
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
      const bytes = await objects.get(key);
      if (bytes === null) throw damaged(manifest.batch, `${key} is missing`);
      if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        throw damaged(manifest.batch, `${key} is not what was staged`);
      files[table] = await objects.localPath(key);
    }
    return { batch: manifest.batch, bundles: manifest.bundles.length, files };
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

/** Nothing is loaded past it: a store without those batches would lose their documents. */
function outdated({ batch, plugin: { name, version } }: Manifest, plugin: MetadataPlugin): LazuliError {
  const message = `Batch ${batch} was staged by version ${version} of plug-in ${name}; this is version ${plugin.version} of ${plugin.name}`;
  return new LazuliError('batch_outdated', message, {
    remedy:
      'Run the version that staged it, or clear the staging folder and notify of all bundles again. The index serves meanwhile.',
  });
}

function damaged(batch: string, what: string, cause?: unknown): LazuliError {
  return new LazuliError('batch_damaged', `Batch ${batch} can't be loaded: ${what}.`, {
    remedy: 'Restore the file, or redrive this letter: the bundles that the batch names are fetched and staged again.',
    ...(cause === undefined ? {} : { cause }),
  });
}
