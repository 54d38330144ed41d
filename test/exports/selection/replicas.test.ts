import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { expect } from 'chai';
import { jsonBytes } from '../../../core/config/text.ts';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { text } from '../../../core/duckdb/sql.ts';
import { manifestKey, newBatchId, tableKey } from '../../../core/staged/layout.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { replicasOf } from '../../../exports/selection/replicas.ts';
import { things } from '../formats/things.ts';

const catalog = 'c';

/** A bundle with a file of its name, of which all donors that it has are replicas. By id what they are. */
interface Bundle {
  readonly number: number;
  readonly donors: Readonly<Record<string, string>>;
}

const rowsOf = ({ number, donors }: Bundle): Readonly<Record<string, readonly string[]>> => {
  const ids = Object.entries(donors);
  return {
    bundles: [
      `${number}::BIGINT AS bundle, 'add' AS action, 's' AS source_id, 'spec' AS source_spec, 'u${number}' AS bundle_uuid,
      'v' AS bundle_version, 0 AS number, 1 AS normalizer_version, '' AS content_hash, '{}' AS attributes`,
    ],
    entities: [`${number}::BIGINT AS bundle, 'files' AS entity_type, 'f${number}' AS entity_id, 1 AS replicas`],
    members: ids.map((_, row) => `${number}::BIGINT AS bundle, 1 AS "set", ${row} AS "row"`),
    documents: ids.map(
      (
        [id, contents],
        row,
      ) => `${number}::BIGINT AS bundle, ${row} AS "row", ${text(id)} AS document_id, 'p' AS pointer,
        'donor' AS replica_type, ${text(contents)} AS contents`,
    ),
  };
};

async function stage(connection: DuckDBConnection, staging: string, number: number, bundles: readonly Bundle[]) {
  const batch = newBatchId(number);
  const tables: Record<string, object> = {};
  for (const table of ['bundles', 'entities', 'members', 'documents']) {
    const rows = bundles.flatMap((bundle) => rowsOf(bundle)[table] ?? []);
    const path = join(staging, tableKey(catalog, table, batch));
    mkdirSync(dirname(path), { recursive: true });
    const select = rows.map((row) => `SELECT ${row}`).join(' UNION ALL ');
    await connection.run(`COPY (${select}) TO ${text(path)} (FORMAT parquet)`);
    tables[table] = { rows: rows.length, bytes: 1, sha256: '0'.repeat(64) };
  }
  const plugin = { name: things.name, version: things.version };
  const manifest = { layout: 1, batch, catalog, created: '2026-11-30T12:00:00.000Z', plugin, tables, bundles: [] };
  await new FolderStore(staging).put(manifestKey(catalog, batch), jsonBytes(manifest));
}

/** @param batches which bundles are staged together */
async function replicas(batches: readonly (readonly Bundle[])[], selected: readonly string[]): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-replicas-'));
  const instance = await openDuckDb({ threads: '2' });
  const connection = await instance.connect();
  try {
    const staging = join(folder, 'staging');
    for (const [number, bundles] of batches.entries()) await stage(connection, staging, number, bundles);
    const files = selected.map((one) => `('f${one}', ['s'], ['u${one}'], ['v'], NULL::VARCHAR[])`);
    await connection.run(`CREATE TABLE selected AS FROM (VALUES ${files.join(', ')})
      t(entity_id, source_ids, bundle_uuids, bundle_versions, "boxes.document_id")`);
    const statements = {
      run: (sql: string) => connection.run(sql).then(() => {}),
      async *stream(sql: string) {
        yield* (await connection.stream(sql)).yieldRowObjects();
      },
    };
    const plugin = { ...things, implicitHub: 'boxes' };
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    const parts = { catalog, objects: new FolderStore(staging), plugin, entityType: 'files', temporary };
    const found: string[] = [];
    for await (const some of replicasOf(statements, parts, `concat(document_id, ' ', contents)`))
      found.push(...some.map(String));
    expect(readdirSync(temporary)).to.deep.equal([]);
    return found;
  } finally {
    connection.closeSync();
    instance.closeSync();
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('Verbatim entities of selected documents', function () {
  this.timeout(60_000);

  const first = { number: 1, donors: { a: '{"n":1}', b: '{"n":1}' } };
  const second = { number: 2, donors: { c: '{}', a: '{"n":1}', b: '{"n":2}' } };
  const third = { number: 3, donors: { d: '{}' } };

  it('come once for each contents, in the same order whichever batches have them, and how often', async () => {
    const expected = ['a {"n":1}', 'b {"n":1}', 'c {}', 'b {"n":2}', 'd {}'];
    const of = ['1', '2', '3'];
    expect(await replicas([[first, second, third]], of)).to.deep.equal(expected);
    expect(await replicas([[third], [second, first], [first], [third, second]], of)).to.deep.equal(expected);
  });

  it('are those of the bundles that the documents are made of', async () => {
    expect(await replicas([[first, second, third]], ['2'])).to.deep.equal(['c {}', 'a {"n":1}', 'b {"n":2}']);
  });
});
