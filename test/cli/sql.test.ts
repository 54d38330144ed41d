import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { type Manifest, manifestKey, tableKey } from '../../ingest/layout.ts';
import { lazuli, settingsIn, temporaryFolder } from './lazuli.ts';

const sha256 = '0'.repeat(64);

/** Stages tables, each made by a query; with a manifest, unless it is missing still. */
async function stage(staging: string, batch: string, tables: Record<string, string>, complete = true): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  for (const [table, sql] of Object.entries(tables)) {
    const file = join(staging, tableKey('hca', table, batch));
    mkdirSync(dirname(file), { recursive: true });
    await connection.run(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
  }
  connection.closeSync();
  instance.closeSync();
  if (!complete) return;
  const manifest: Manifest = {
    layout: 1,
    replaces: [],
    drops: [],
    batch,
    catalog: 'hca',
    created: '2026-01-01T00:00:00.000Z',
    plugin: { name: 'hca', version: 1 },
    tables: Object.fromEntries(Object.keys(tables).map((table) => [table, { rows: 1, bytes: 1, sha256 }])),
    bundles: [],
  };
  const file = join(staging, manifestKey('hca', batch));
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(manifest));
}

async function stagedFolder() {
  const folder = temporaryFolder();
  const settings = settingsIn(folder.path, ['hca', 'empty']);
  writeFileSync(join(folder.path, 'lazuli.json'), JSON.stringify(settings));
  const { staging } = settings.folders;
  await stage(staging, '00000001', { donors: "SELECT 1::BIGINT AS bundle, 'a, \"b\"' AS name, ['x', NULL] AS tags" });
  await stage(staging, '00000002', { donors: 'SELECT 9007199254740993::BIGINT AS bundle, NULL AS name, NULL AS tags' });
  await stage(staging, '00000003', { donors: "SELECT 3::BIGINT AS bundle, 'of no batch' AS name, [] AS tags" }, false);
  return folder;
}

describe('lazuli sql', () => {
  const query = 'select * from donors order by bundle';

  it('sees the tables of all batches whose manifests exist', async () => {
    using folder = await stagedFolder();
    const { code, out, err } = await lazuli(['sql', '--data', folder.path, '-c', query, '--json']);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(JSON.parse(out)).to.deep.equal([
      { bundle: '1', name: 'a, "b"', tags: ['x', null] },
      { bundle: '9007199254740993', name: null, tags: null },
    ]);
  });

  it('prints CSV and tables', async () => {
    using folder = await stagedFolder();
    const csv = await lazuli(['sql', '--data', folder.path, '-c', query, '--csv']);
    expect(csv.out).to.equal('bundle,name,tags\r\n1,"a, ""b""","[""x"",null]"\r\n9007199254740993,,\n');
    const { out } = await lazuli(['sql', '--data', folder.path, '-c', 'select count(*) n from hca.donors']);
    expect(out).to.equal('n\n2\n(1 row)\n');
  });

  it('reads statements from its input, and goes on after a wrong one', async () => {
    using folder = await stagedFolder();
    const input = 'select count(*) n\nfrom hca.donors;\nselect nothing;\nselect 2 as two;\n';
    const { code, out, err } = await lazuli(['sql', '--data', folder.path], input);
    expect({ code, out }).to.deep.equal({ code: 0, out: 'n\n2\n(1 row)\ntwo\n2\n(1 row)\n' });
    expect(err).to.match(/^error: Binder Error.*"nothing"/s);
  });

  it('writes nothing', async () => {
    using folder = await stagedFolder();
    const writes = [
      `copy (select 1) to '${join(folder.path, 'out.csv')}'`,
      'create table t as select 1',
      "attach 'x.duckdb'",
      'drop view donors',
    ];
    for (const write of writes) {
      const { code, err } = await lazuli(['sql', '--data', folder.path, '-c', write]);
      expect({ write, code }).to.deep.equal({ write, code: 2 });
      expect(err).to.include('error: Staged batches can be read, not changed.');
    }
  });
});
