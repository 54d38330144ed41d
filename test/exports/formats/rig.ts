import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { text } from '../../../core/duckdb/sql.ts';
import { documentRows } from '../../../core/exports/document-rows.ts';
import type { FormatName } from '../../../core/model/manifests.ts';
import type { Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import type { FormatJob, Selection, Written } from '../../../exports/formats/format.ts';
import { formats } from '../../../exports/formats/index.ts';

/** A document as indexed. */
export type Indexed = Readonly<Record<string, Json>>;

/** A verbatim entity as it was staged. */
export interface Replica {
  readonly type: string;
  readonly id: string;
  /** JSON text */
  readonly contents: string;
}

/** Selections of documents that a test has, in a DuckDB of its own. */
export interface Rig extends AsyncDisposable {
  /** @param where SQL, on rows of documents */
  select(where: string, replicas?: readonly Replica[]): Promise<Selection>;
  /** Writes a selection in a format. @param more what isn't as usual */
  write(format: FormatName, selection: Selection, more?: Partial<FormatJob>): Promise<Made>;
}

export interface Made extends Written {
  readonly file: string;
}

export const moment = new Date('2026-11-30T11:57:45Z');
export const baseUrl = 'https://service.example';

const together = 200;

export async function openRig(plugin: MetadataPlugin, entityType: string, documents: Iterable<Indexed>): Promise<Rig> {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-formats-'));
  const instance = await openDuckDb({ memory_limit: '256MB', threads: '1', temp_directory: join(folder, 'spill') });
  const connection = await instance.connect();
  await fill(connection, plugin, entityType, documents);
  let made = 0;
  return {
    async select(where, replicas = []) {
      await connection.run(`CREATE OR REPLACE VIEW selected AS SELECT * FROM documents WHERE ${where}`);
      await stage(connection, replicas);
      const rows = Number((await connection.runAndReadAll('SELECT count(*) FROM selected')).getRows()[0]?.[0]);
      return {
        plugin,
        entityType,
        rows,
        run: (sql) => connection.run(sql),
        async *stream(sql) {
          const result = await connection.stream(sql);
          yield* result.yieldRowObjectJs();
        },
        async *replicas(value) {
          const result = await connection.stream(`SELECT ${value} AS value FROM replicas ORDER BY number`);
          for await (const some of result.yieldRowObjectJs()) yield some.map((row) => Buffer.from(String(row.value)));
        },
        temporary: mkdtempSync(join(folder, 'job-')),
      };
    },
    async write(format, selection, more = {}) {
      const file = join(folder, `${++made}.${formats[format].extension}`);
      const job: FormatJob = {
        selection,
        file,
        key: `key of ${format}`,
        baseUrl,
        catalog: 'hca',
        moment,
        signal: new AbortController().signal,
        onProgress: () => {},
        ...more,
      };
      return { file, ...(await formats[format].write(job)) };
    },
    async [Symbol.asyncDispose]() {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function stage(connection: DuckDBConnection, replicas: readonly Replica[]): Promise<void> {
  await connection.run(
    'CREATE OR REPLACE TABLE replicas (number INTEGER, replica_type VARCHAR, document_id VARCHAR, contents VARCHAR)',
  );
  const appender = await connection.createAppender('replicas');
  for (const [number, { type, id, contents }] of replicas.entries()) {
    appender.appendInteger(number);
    for (const one of [type, id, contents]) appender.appendVarchar(one);
    appender.endRow();
  }
  appender.closeSync();
}

async function fill(connection: DuckDBConnection, plugin: MetadataPlugin, type: string, documents: Iterable<Indexed>) {
  await connection.run('CREATE TABLE bodies (entity_id VARCHAR, body VARCHAR)');
  let rows: string[] = [];
  const flush = async (): Promise<void> => {
    if (rows.length > 0) await connection.run(`INSERT INTO bodies VALUES ${rows.join(', ')}`);
    rows = [];
  };
  for (const { _hash, ...document } of documents) {
    rows.push(`(${text(String(document.entity_id))}, ${text(JSON.stringify(document))})`);
    if (rows.length >= together) await flush();
  }
  await flush();
  const bodies = 'SELECT entity_id, 1::BIGINT AS "commit", 0::UBIGINT AS hash, body FROM bodies';
  await connection.run(`CREATE TABLE documents AS ${documentRows(plugin, type, bodies)}`);
}
