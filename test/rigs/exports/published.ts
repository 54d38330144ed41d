import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { layoutHash } from '../../../core/documents/document-layout.ts';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { text } from '../../../core/duckdb/sql.ts';
import { documentRows } from '../../../core/exports/document-rows.ts';
import { Snapshots } from '../../../core/exports/snapshots.ts';
import type { Document, MetadataPlugin } from '../../../core/model/metadata.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { indexForm } from '../service/index-form.ts';

/** Makes a table of documents as an index has them. @returns SQL of their rows, as snapshots have them */
export async function rowsOf(
  connection: DuckDBConnection,
  plugin: MetadataPlugin,
  entityType: string,
  documents: readonly Document[],
): Promise<string> {
  await connection.run(
    'CREATE OR REPLACE TABLE bodies (entity_id VARCHAR, "commit" BIGINT, hash UBIGINT, body VARCHAR)',
  );
  const appender = await connection.createAppender('bodies');
  for (const document of documents) {
    appender.appendVarchar(document.entity_id);
    appender.appendBigInt(1n);
    appender.appendUBigInt(1n);
    appender.appendVarchar(JSON.stringify(indexForm(plugin, entityType, document)));
    appender.endRow();
  }
  appender.closeSync();
  return documentRows(plugin, entityType, 'SELECT * FROM bodies');
}

/** What is published: documents of a catalog, all of one entity type. */
export interface Published {
  readonly plugin: MetadataPlugin;
  readonly catalog: string;
  readonly entityType: string;
  readonly documents: readonly Document[];
}

/** Publishes documents as a snapshot in a folder of staged batches. @returns its number */
export async function publishDocuments(
  staging: string,
  { plugin, catalog, entityType, documents }: Published,
): Promise<number> {
  const objects = new FolderStore(staging);
  const snapshots = new Snapshots(objects, catalog);
  const key = snapshots.fileKey(`${entityType}-${(await snapshots.numbers()).length}`);
  await objects.put(key, new Uint8Array());
  const instance = await openDuckDb({});
  const connection = await instance.connect();
  const rows = await rowsOf(connection, plugin, entityType, documents);
  await connection.run(`COPY (${rows}) TO ${text(join(staging, key))} (FORMAT parquet)`);
  connection.closeSync();
  instance.closeSync();
  const file = { key, rows: documents.length, bytes: 0 };
  const published = await snapshots.publish({
    ...{ epoch: 1, asOf: 1, published: '2026-11-30T11:57:45.000Z' },
    plugin: { name: plugin.name, version: plugin.version },
    documents: layoutHash(plugin),
    types: { [entityType]: { base: [file], deltas: [] } },
  });
  return published.number;
}
