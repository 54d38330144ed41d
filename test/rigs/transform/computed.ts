import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KnownLimits } from '../../../core/documents/cuts.ts';
import { documentDecoder } from '../../../core/documents/document-decoder.ts';
import type { Document, Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import { StoredDeadLetters } from '../../../core/storage/dead-letters.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { documentText } from '../../../transform/aggregate/documents.ts';
import { Activity } from '../../../transform/catalog/activity.ts';
import type { CatalogContext } from '../../../transform/catalog/context.ts';
import { Documents } from '../../../transform/computing/documents.ts';
import { Loading } from '../../../transform/loading/loading.ts';
import { StagedBatches } from '../../../transform/loading/staged-batches.ts';
import { Commits } from '../../../transform/store/commits.ts';
import { Store } from '../../../transform/store/store.ts';
import { testCatalog, testContext } from '../../transform/context.ts';
import { stageBatch, type TestNotification } from './staging.ts';

export { testCatalog };

/** A store on staged batches in a temporary folder, without streams and without a search cluster. */
export interface TestCatalog {
  readonly context: CatalogContext;
  readonly store: Store;
  readonly objects: FolderStore;
  readonly staged: StagedBatches;
  readonly loading: Loading;
  readonly deadLetters: StoredDeadLetters;
  /** Stages one batch, by another version of the plug-in if need be. @returns its id */
  stage(notifications: readonly TestNotification[], pluginVersion?: number): Promise<string>;
  /** Loads batches in one transaction. */
  load(batches: readonly string[]): Promise<void>;
  /** Stages one batch and loads it. */
  add(notifications: readonly TestNotification[]): Promise<void>;
  /** All documents in natural JSON, by `<entity type>/<entity id>`. */
  documents(): Promise<ReadonlyMap<string, Document>>;
  /** The same as indexed. */
  sources(): Promise<ReadonlyMap<string, Readonly<Record<string, Json>>>>;
  close(): Promise<void>;
}

/** What loads the batches of a catalog. */
export const loadingOf = (context: CatalogContext): Loading =>
  new Loading(context, new StagedBatches(context), new Commits(context.store), new Activity(context));

/** Has the temporary table `wanted` hold all entities of a store. */
export const wantAll = wanting('SELECT DISTINCT entity_type, entity_id FROM entities');

/** Which copy of each bundle version a store has: all that is stored of it. */
export const storedCopies = (store: Store) =>
  store.rows(`SELECT source_id, source_spec, bundle_uuid, bundle_version, normalizer_version, content_hash, attributes
    FROM bundles ORDER BY ALL`);

/** Documents that are computed at a time: memory is bounded. */
const together = 5000;

function wanting(entities: string): string {
  return `CREATE OR REPLACE TEMP TABLE wanted AS
    SELECT (row_number() OVER () - 1)::INTEGER AS doc, entity_type, entity_id FROM (${entities})`;
}

export async function openTestCatalog(
  plugin: MetadataPlugin,
  limits = { memoryBytes: 400 * 2 ** 20, threads: 2 },
  /** whose staged batches to use, in the place of its own */
  other?: TestCatalog,
  known?: KnownLimits,
): Promise<TestCatalog> {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-'));
  const objects = other?.objects ?? new FolderStore(join(folder, 'staging'));
  const letters = new FolderStore(join(folder, 'letters'));
  await Promise.all([objects.prepare(), letters.prepare()]);
  const deadLetters = new StoredDeadLetters(letters);
  const store = await Store.open(join(folder, 'store.duckdb'), plugin, limits);
  const context = testContext({ store, plugin, objects, deadLetters });
  const loading = loadingOf(context);
  const documents = new Documents(store, plugin, {
    documentBytes: 2 ** 25,
    bulkBytes: 2 ** 23,
    ...(known && { known }),
  });
  await documents.prepare();
  const entityTypes = Object.keys(plugin.entityTypes);

  const sources = async () => {
    const found = new Map<string, Record<string, Json>>();
    const entities = 'SELECT DISTINCT entity_type, entity_id FROM entities ORDER BY ALL';
    for (let first = 0, isMore = true; isMore; first += together) {
      await store.run(wanting(`${entities} LIMIT ${together} OFFSET ${first}`));
      isMore = (await store.number('SELECT count(*) FROM wanted')) === together;
      await documents.compute();
      const rows = await store.rows(
        `SELECT entity_type, entity_id, concat(${documentText}) AS source FROM computed WHERE body IS NOT NULL`,
      );
      for (const row of rows)
        found.set(`${entityTypes[Number(row.entity_type)]}/${row.entity_id}`, JSON.parse(String(row.source)));
    }
    return found;
  };

  const stage = (notifications: readonly TestNotification[], version = plugin.version) =>
    stageBatch(objects, { ...plugin, version }, testCatalog, notifications);
  const load = (batches: readonly string[]) => loading.loadAll(batches);

  return {
    context,
    store,
    objects,
    staged: loading.staged,
    loading,
    deadLetters,
    stage,
    load,
    async add(notifications) {
      await load([await stage(notifications)]);
    },
    sources,
    async documents() {
      const decoders = new Map(entityTypes.map((type) => [type, documentDecoder(plugin, type)]));
      const decoded = [...(await sources())].map(
        ([key, source]) => [key, decoders.get(key.slice(0, key.indexOf('/')))?.(source)] as const,
      );
      return new Map(decoded.filter((entry): entry is [string, Document] => entry[1] !== undefined));
    },
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
