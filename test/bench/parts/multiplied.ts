import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { layoutHash } from '../../../core/documents/document-layout.ts';
import { text, texts } from '../../../core/duckdb/sql.ts';
import { documentRows } from '../../../core/exports/document-rows.ts';
import { type SnapshotFile, Snapshots } from '../../../core/exports/snapshots.ts';
import { documentsTable } from '../../../core/model/normalized.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { localPaths, StagedBatches, stagedKeys } from '../../../core/staged/batches.ts';
import {
  bundlesTable,
  entitiesTable,
  manifestKey,
  membersTable,
  newBatchId,
  tableKey,
} from '../../../core/staged/layout.ts';
import { StoredDeadLetters } from '../../../core/storage/dead-letters.ts';
import { sha256Of } from '../../../core/storage/digest.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { Documents } from '../../../transform/computing/documents.ts';
import { rowsOptions } from '../../../transform/snapshots/files.ts';
import { entityTypeNumber } from '../../../transform/store/schema.ts';
import { Store } from '../../../transform/store/store.ts';
import { defaultLimits } from '../../rigs/default-limits.ts';
import { loadingOf } from '../../rigs/transform/computed.ts';
import { testContext } from '../../transform/context.ts';
import { answer } from '../machine/part.ts';
import { catalog } from '../staging.ts';

/**
 * Makes what exports read, much faster than by indexing: documents of files of a staged world are computed once. Copies of
 * them, with other ids, are published, and the tables that verbatim formats read are staged with the same other ids.
 */
export type MultipliedPart = {
  readonly compute: (argument: {
    staging: string;
    state: string;
  }) => Promise<{ files: number; sources: readonly string[] }>;
  /** Publishes so many files, or some more. */
  readonly publish: (argument: { staging: string; files: number }) => Promise<{ files: number; bytes: number }>;
};

const entityType = 'files';
/** Documents that are computed at a time. */
const together = 5000;
/** Room for a copy of the world. */
const memoryBytes = 2 ** 30;
const verbatimTables = [bundlesTable.name, entitiesTable, membersTable.name, documentsTable];

interface Computed {
  readonly store: Store;
  readonly files: number;
  /** ids of sources: copies have the same */
  readonly sources: readonly string[];
  /** paths of files of the tables that verbatim formats read */
  readonly tables: ReadonlyMap<string, readonly string[]>;
}

let computed: Computed | undefined;

const methods: MultipliedPart = {
  async compute({ staging, state }) {
    const [objects, letters] = [new FolderStore(staging), new FolderStore(join(state, 'letters'))];
    await letters.prepare();
    const { storeThreads: threads } = defaultLimits;
    const store = await Store.open(join(state, 'multiplied.duckdb'), hca, { memoryBytes, threads });
    const context = testContext(
      { store, plugin: hca, objects, deadLetters: new StoredDeadLetters(letters) },
      { catalog, logger: noLogger },
    );
    await loadingOf(context).loadAll((await new StagedBatches(objects, catalog).read()).map(({ batch }) => batch));
    const files = await computeFiles(store);
    const sources = (await store.rows('SELECT DISTINCT source_id FROM bundles')).map(({ source_id }) =>
      String(source_id),
    );
    const tables = new Map<string, readonly string[]>();
    for (const [table, keys] of await stagedKeys(catalog, objects)) tables.set(table, await localPaths(keys, objects));
    computed = { store, files, sources, tables };
    return { files, sources };
  },
  async publish({ staging, files }) {
    if (computed === undefined) throw new Error('Nothing is computed');
    const copies = Math.ceil(files / computed.files);
    const published: SnapshotFile[] = [];
    for (let copy = 0; copy < copies; copy++) {
      published.push(await publishCopy(computed, staging, copy));
      await stageCopy(computed, staging, copy);
    }
    await new Snapshots(new FolderStore(staging), catalog).publish({
      ...{ epoch: 1, asOf: 1, published: '2026-11-30T12:00:00.000Z', documents: layoutHash(hca) },
      plugin: { name: hca.name, version: hca.version },
      types: { [entityType]: { base: published, deltas: [] } },
    });
    return { files: copies * computed.files, bytes: published.reduce((sum, { bytes }) => sum + bytes, 0) };
  },
};

/** Bodies as indexed: the table `bodies`. */
async function computeFiles(store: Store): Promise<number> {
  const documents = new Documents(store, hca, defaultLimits);
  await documents.prepare();
  await store.run('CREATE TABLE bodies (entity_id VARCHAR, hash UBIGINT, body VARCHAR)');
  const entities = `SELECT DISTINCT entity_type, entity_id FROM entities WHERE entity_type = ${entityTypeNumber(hca, entityType)} ORDER BY entity_id`;
  for (let first = 0, isMore = true; isMore; first += together) {
    await store.run(`CREATE OR REPLACE TEMP TABLE wanted AS
      SELECT (row_number() OVER () - 1)::INTEGER AS doc, * FROM (${entities} LIMIT ${together} OFFSET ${first})`);
    isMore = (await store.number('SELECT count(*) FROM wanted')) === together;
    await documents.compute();
    await store.run(
      `INSERT INTO bodies SELECT entity_id, hash, concat(body, cuts, rest, '}') FROM computed WHERE body IS NOT NULL`,
    );
  }
  return store.number('SELECT count(*) FROM bodies');
}

async function publishCopy({ store, sources }: Computed, staging: string, copy: number): Promise<SnapshotFile> {
  const { ofText } = copied(copy, sources);
  const key = new Snapshots(new FolderStore(staging), catalog).fileKey(`1-${copy}`);
  const bodies = `SELECT ${ofText('entity_id')} AS entity_id, 1::BIGINT AS "commit", hash, ${ofText('body')} AS body FROM bodies`;
  const bytes = await write(store, documentRows(hca, entityType, bodies), join(staging, key), rowsOptions);
  return { key, rows: await store.number('SELECT count(*) FROM bodies'), bytes };
}

async function stageCopy({ store, sources, tables }: Computed, staging: string, copy: number): Promise<void> {
  const { ofText, ofBundle } = copied(copy, sources);
  const changed: Readonly<Record<string, string>> = {
    bundle: ofBundle,
    ...Object.fromEntries(
      ['bundle_uuid', 'entity_id', 'document_id', 'contents'].map((column) => [column, ofText(column)]),
    ),
  };
  const batch = newBatchId(copy);
  const staged: Record<string, { rows: number; bytes: number; sha256: string }> = {};
  for (const table of verbatimTables) {
    const from = `read_parquet(${texts(tables.get(table) ?? [])}, union_by_name = true)`;
    const own = (await store.rows(`DESCRIBE SELECT * FROM ${from}`)).map(({ column_name }) => String(column_name));
    const replaced = own
      .filter((column) => changed[column] !== undefined)
      .map((column) => `${changed[column]} AS ${column}`);
    const path = join(staging, tableKey(catalog, table, batch));
    const bytes = await write(store, `SELECT * REPLACE (${replaced.join(', ')}) FROM ${from}`, path);
    staged[table] = {
      rows: await store.number(`SELECT count(*) FROM ${from}`),
      bytes,
      sha256: await sha256Of(readFileSync(path)),
    };
  }
  const manifest = {
    ...{ layout: 1, batch, catalog, created: '2026-11-30T12:00:00.000Z', bundles: [] },
    plugin: { name: hca.name, version: hca.version },
    tables: staged,
  };
  await new FolderStore(staging).put(manifestKey(catalog, batch), Buffer.from(JSON.stringify(manifest)));
}

/** SQL of what a copy has in the place of texts with ids, and of the numbers of bundles. */
function copied(copy: number, sources: readonly string[]) {
  const digits = copy.toString(16).padStart(4, '0');
  const other = (id: string): string => id.replace(uuid, `$1${digits}$2`);
  const ofText = (column: string): string =>
    sources.reduce(
      (sql, source) => `replace(${sql}, ${text(other(source))}, ${text(source)})`,
      `regexp_replace(${column}, ${text(uuid.source)}, '\\1${digits}\\2', 'g')`,
    );
  return { ofText, ofBundle: `(hash(bundle, ${copy}) >> 1)::BIGINT` };
}

/** Four of its digits become the number of the copy. */
const uuid = /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-)[0-9a-f]{4}([0-9a-f]{8})/;

const stagedOptions = 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192';

/** @returns bytes */
async function write(store: Store, select: string, path: string, options = stagedOptions): Promise<number> {
  await mkdir(dirname(path), { recursive: true });
  await store.run(`COPY (${select}) TO ${text(path)} (${options})`);
  return readFileSync(path).length;
}

export const run = (): void => answer(methods);
