import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { SqlSession } from '../../cli/sql/session.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { stagedBatch } from './staged.ts';

/** All files of a folder with what is in them. */
const contents = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name))
      .sort()
      .map((file) => [file, readFileSync(file, 'base64')]),
  );

async function sessionIn(path: string) {
  const settings = settingsIn(path, ['hca', 'main']);
  const { staging } = settings.folders;
  await stagedBatch(staging, '00000001', { donors: 'SELECT 1::BIGINT AS bundle, 2 AS age' });
  const other = join(path, 'secret.csv');
  writeFileSync(other, 'a\n1\n');
  mkdirSync(join(path, 'out'));
  const session = await SqlSession.open(settings);
  const [file = ''] = [...contents(staging).keys()].filter((name) => name.endsWith('.parquet'));
  return { session, staging, file, other, [Symbol.dispose]: () => session.close() };
}

const refusal = (session: SqlSession, sql: string): Promise<unknown> =>
  session.run(sql).catch((error: unknown) => error);

describe('A session of `lazuli sql`', () => {
  it('changes no file, whatever it is told', async () => {
    using folder = temporaryFolder();
    using at = await sessionIn(folder.path);
    const before = contents(folder.path);
    const { file, staging } = at;
    const copy = `copy (select 3 as bundle) to '${file}'`;
    for (const sql of [
      copy,
      `explain analyze ${copy}`,
      `explain analyze ${copy} (use_tmp_file false)`,
      `EXPLAIN (ANALYZE, FORMAT json) ${copy} (use_tmp_file false)`,
      `/* a comment */ explain analyze ${copy} (use_tmp_file false)`,
      `select 1; explain analyze ${copy} (use_tmp_file false)`,
      `explain analyze ${copy} (use_tmp_file false); select 1`,
      `explain analyze copy (select 1) to '${join(folder.path, 'out', 'x.csv')}'`,
      'explain analyze create table t as select 1',
      'explain analyze drop view donors',
      'explain analyze set threads = 1',
      'explain analyze select 1; drop view donors',
      'create table t as select 1',
      'insert into donors values (1, 2)',
      `attach '${join(staging, 'x.duckdb')}'`,
      `export database '${join(folder.path, 'out')}'`,
      `prepare p as ${copy}`,
      'set enable_external_access = true',
      'set lock_configuration = false',
      "set temp_directory = '/tmp'",
      'pragma threads = 1',
      'install httpfs',
      'load httpfs',
      'call pragma_version()',
    ]) {
      const error = await refusal(at.session, sql);
      expect(error, sql).to.be.instanceOf(LazuliError);
      expect((error as LazuliError).code, sql).to.equal('usage');
    }
    expect(contents(folder.path)).to.deep.equal(before);
    expect((await at.session.run('from donors')).rows).to.deep.equal([[1, 2]]);
  });

  it('reads what counts, and no other file of the machine or the network', async () => {
    using folder = temporaryFolder();
    using at = await sessionIn(folder.path);
    for (const sql of [
      `from '${at.other}'`,
      `from read_csv('${at.other}')`,
      `from read_text('${at.other}')`,
      "from read_text('/etc/passwd')",
      `from read_text('${at.staging}/../secret.csv')`,
      `from read_parquet('${at.staging}/hca/*/*.parquet')`,
      "from glob('/etc/*')",
      "from sniff_csv('/etc/passwd')",
      "from 'http://127.0.0.1:9/x.parquet'",
      "from 's3://bucket/x.parquet'",
      `from query('from read_text(''${at.other}'')')`,
    ])
      expect(await refusal(at.session, sql), sql).to.be.instanceOf(LazuliError);
  });

  it('explains what it reads, and runs what is read', async () => {
    using folder = temporaryFolder();
    using at = await sessionIn(folder.path);
    for (const sql of [
      'explain select * from donors',
      'EXPLAIN ANALYZE from donors',
      'explain (format json) select 1',
      'explain (analyze, format json) select 1',
      'describe donors',
      'show all tables',
      'summarize donors',
      'values (1)',
      'with d as (from donors) select age from d',
      'select 1; select 2',
      'select now()',
    ])
      expect((await at.session.run(sql)).rows, sql).to.not.deep.equal([]);
  });
});
