import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { clone } from '../../cli/clone.ts';
import { SqlSession } from '../../cli/sql/session.ts';
import { lazuli, settingsIn } from '../rigs/cli/lazuli.ts';
import { blocks, page } from '../rigs/docs/pages.ts';
import { parquetReaders, python } from '../rigs/python.ts';
import { stageCatalog } from './staged-catalog.ts';

const documented = [page('README.md'), page('docs/staged-batches.md')].flatMap(blocks);
const shell = documented.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
/** What follows `-c` in the command lines that begin so. */
const statementsOf = (program: string): readonly string[] =>
  shell.flatMap((line) => (line.startsWith(`${program} -c `) ? (/ -c (["'])(.*)\1/.exec(line)?.[2] ?? []) : []));
const sql = documented.filter(({ language }) => language === 'sql').map(({ text }) => text);
/** For plain DuckDB, as it can't be said in `lazuli sql`. */
const isPlain = (text: string): boolean => text.startsWith('set variable');
const statements = [...sql.filter((text) => !isPlain(text)), ...statementsOf('lazuli sql')];
const viewed = statementsOf('duckdb -init <(lazuli sql --views)');
const plain = sql.filter(isPlain);
const programs = documented.filter(({ language }) => language === 'python').map(({ text }) => text);

/** Whether numbers are numbers or text. */
const printed = (rows: readonly (readonly unknown[])[]) => rows.map((row) => row.map(String));
const short = (text: string): string => text.trim().replace(/\s+/g, ' ').slice(0, 80);

describe('Documented queries of the staged batches', function () {
  this.timeout(600_000);
  const root = mkdtempSync(join(tmpdir(), 'lazuli-queries-'));
  const staged = join(root, 'staging', 'hca');
  before(() => stageCatalog(root));
  after(() => rmSync(root, { recursive: true }));

  const asked = async (text: string) => {
    const session = await SqlSession.open(settingsIn(root));
    try {
      return (await session.run(text)).rows;
    } finally {
      session.close();
    }
  };

  for (const text of statements) {
    it(`give rows: ${short(text)}`, async () => {
      expect(await asked(text)).to.not.be.empty;
    });
  }

  /** Rows that several statements give in a DuckDB that knows nothing of Lazuli. */
  const inPlainDuckDb = async (text: string) => {
    const instance = await DuckDBInstance.create(':memory:');
    const connection = await instance.connect();
    try {
      await connection.run(`SET file_search_path = '${staged}'`);
      const all = await connection.extractStatements(text);
      let rows: readonly (readonly unknown[])[] = [];
      for (let i = 0; i < all.count; i++) rows = (await (await all.prepare(i)).runAndReadAll()).getRowsJson();
      return rows;
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  };

  for (const text of viewed) {
    it(`give in plain DuckDB what \`lazuli sql\` gives: ${short(text)}`, async () => {
      const { code, out, err } = await lazuli(['sql', '--data', root, '--views']);
      expect({ code, err }).to.deep.equal({ code: 0, err: '' });
      const rows = await inPlainDuckDb(`${out};${text}`);
      expect(printed(rows)).to.deep.equal(printed(await asked(text)));
    });
  }

  for (const text of plain) {
    it(`tell by manifests alone what counts: ${short(text)}`, async () => {
      const [, query = ''] = text.split(/^(?=select count)/m);
      const expected = await asked(
        query.replace("read_parquet(getvariable('files'), union_by_name = true)", 'hca.files'),
      );
      expect(printed(await inPlainDuckDb(text))).to.deep.equal(printed(expected));
    });
  }

  it('would count rows twice by a pattern', async () => {
    const count = (of: string) => `select count(*) from ${of}`;
    const [all] = (await inPlainDuckDb(count("'files/*.parquet'"))) as [[string]];
    const [own] = (await asked(count('hca.files'))) as [[string | number]];
    expect(Number(all[0])).to.be.greaterThan(Number(own[0]));
  });

  it('run in Python', async function () {
    const packages = parquetReaders();
    if ('missing' in packages) {
      console.log(`      skipped: ${packages.missing}`);
      return this.skip();
    }
    const bin = join(root, 'bin');
    mkdirSync(bin);
    const command = join(bin, 'lazuli');
    writeFileSync(
      command,
      `#!/bin/sh\nexec '${process.execPath}' '${join(clone, 'cli', 'main.ts')}' "$@" --data '${root}'\n`,
    );
    chmodSync(command, 0o755);
    const env = { PATH: `${bin}${delimiter}${process.env.PATH}` };
    const [[size] = []] = await asked('select sum(size)::bigint from hca.files');
    expect(programs).to.have.length(2);
    for (const program of programs) {
      const told = '\nprint(pd.concat(map(pd.read_parquet, FILES))["size"].sum())'.replace(
        'FILES',
        program.includes('staged("hca.files")') ? 'staged("hca.files")' : 'staged(".lazuli/staging/hca", "files")',
      );
      const out = python(packages.folder, program + told, { env, cwd: root });
      expect(out.trim().split('\n').at(-1)).to.equal(String(size));
    }
  });

  it('are there', () => {
    expect(statements).to.have.length.greaterThan(7);
    expect(viewed).to.have.length(2);
    expect(plain).to.have.length(1);
  });
});
