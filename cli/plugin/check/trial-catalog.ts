import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsSchema } from '../../../core/config/settings.ts';
import type { Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { noFaults } from '../../../core/runtime/ports.ts';
import { newBatchId } from '../../../core/staged/layout.ts';
import { StoredDeadLetters } from '../../../core/storage/dead-letters.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { Batch } from '../../../ingest/batch.ts';
import { readBatch, type StagedNotification } from '../../../ingest/outdated/read.ts';
import { closeBatch, stage } from '../../../ingest/stage.ts';
import { documentText } from '../../../transform/aggregate/documents.ts';
import { Activity } from '../../../transform/catalog/activity.ts';
import type { CatalogContext } from '../../../transform/catalog/context.ts';
import { Documents } from '../../../transform/computing/documents.ts';
import { Loading } from '../../../transform/loading/loading.ts';
import { StagedBatches } from '../../../transform/loading/staged-batches.ts';
import type { Entity } from '../../../transform/reference/document.ts';
import type { Indexed } from '../../../transform/reference/indexed.ts';
import { reducedDocuments } from '../../../transform/reference/reduced.ts';
import { Commits } from '../../../transform/store/commits.ts';
import { Store } from '../../../transform/store/store.ts';

const catalog = 'check';
/** as workers have them by default */
const limits = settingsSchema.shape.limits.parse({});
const minute = 60_000;
/** Documents that are computed at a time, by both ways: bounds memory. */
const together = 500;

/** A document, computed by the statements and by the reference reducer. */
export interface TwiceComputed extends Entity {
  readonly source: Readonly<Record<string, Json>>;
  /** null: there must be none */
  readonly expected: Indexed | null;
}

interface Parts {
  readonly plugin: MetadataPlugin;
  readonly folder: string;
  readonly objects: FolderStore;
  readonly store: Store;
  readonly loading: Loading;
  readonly documents: Documents;
}

/** A catalog of one plug-in in a temporary folder: staged batches and a store, without streams and without search. */
export class TrialCatalog {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async open(plugin: MetadataPlugin): Promise<TrialCatalog> {
    const folder = mkdtempSync(join(tmpdir(), 'lazuli-check-'));
    const [objects, letters] = [new FolderStore(join(folder, 'staging')), new FolderStore(join(folder, 'letters'))];
    await Promise.all([objects.prepare(), letters.prepare()]);
    const memory = { memoryBytes: limits.storeMemoryBytes, threads: limits.storeThreads };
    const store = await Store.open(join(folder, 'store.duckdb'), plugin, memory);
    const context = contextOf({ plugin, objects, store, deadLetters: new StoredDeadLetters(letters) });
    const loading = new Loading(context, new StagedBatches(context), new Commits(store), new Activity(context));
    const documents = new Documents(store, plugin, limits);
    await documents.prepare();
    return new TrialCatalog({ plugin, folder, objects, store, loading, documents });
  }

  /** An empty batch, to be staged when it has bundles. */
  batch(): Batch {
    return new Batch(this.#parts.plugin);
  }

  /** Stages a batch as Parquet, loads it, and reads from its files what was staged. */
  async *staged(batch: Batch): AsyncGenerator<StagedNotification> {
    const { plugin, objects, loading } = this.#parts;
    const now = systemClock.now();
    const closed = closeBatch(batch, { catalog, plugin, id: newBatchId(now, {}), now });
    await stage(closed, { store: objects, putPointer: async () => {}, fault: noFaults, clock: systemClock });
    await loading.load([closed.manifest.batch]);
    yield* readBatch(closed.manifest, objects);
  }

  /** All documents, by entity type and id. */
  async *documents(): AsyncGenerator<TwiceComputed> {
    const entities = 'SELECT DISTINCT entity_type, entity_id FROM entities ORDER BY ALL';
    for (let first = 0, isMore = true; isMore; first += together) {
      const { store, documents } = this.#parts;
      await store.run(`CREATE OR REPLACE TEMP TABLE wanted AS
        SELECT (row_number() OVER () - 1)::INTEGER AS doc, entity_type, entity_id
        FROM (${entities} LIMIT ${together} OFFSET ${first})`);
      isMore = (await store.number('SELECT count(*) FROM wanted')) === together;
      await documents.compute();
      yield* this.#computed();
    }
  }

  async *#computed(): AsyncGenerator<TwiceComputed> {
    const { plugin, store } = this.#parts;
    const types = Object.keys(plugin.entityTypes);
    const rows = await store.rows(`SELECT entity_type, entity_id, concat(${documentText}) AS source
      FROM computed WHERE body IS NOT NULL ORDER BY doc`);
    const entities = rows.map(({ entity_type: type, entity_id: id }) => ({
      type: types[Number(type)] ?? '',
      id: String(id),
    }));
    const expected = await reducedDocuments(store, plugin, entities);
    for (const [i, entity] of entities.entries())
      yield { ...entity, source: JSON.parse(String(rows[i]?.source)), expected: expected[i] ?? null };
  }

  async close(): Promise<void> {
    await this.#parts.store.close();
    rmSync(this.#parts.folder, { recursive: true, force: true });
  }
}

type Made = Pick<CatalogContext, 'plugin' | 'objects' | 'store' | 'deadLetters'>;

/** A catalog to work on that has no search cluster. */
function contextOf(made: Made): CatalogContext {
  const cluster = {
    request: () => Promise.reject(new TypeError('A check asks no search cluster')),
    close: async () => {},
  };
  return {
    ...made,
    ...{ deployment: catalog, catalog, epoch: 1, limits, records: made.objects, cluster },
    ...{ clock: systemClock, logger: noLogger, fault: noFaults },
    ...{ copying: null, reconcileMillis: minute, retiredMillis: minute },
  };
}
