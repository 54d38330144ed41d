import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { writeBundles } from '../../cli/generator/write.ts';
import { SqlSession } from '../../cli/sql/session.ts';
import { readBundleFolder } from '../../cli/up/bundle-folder.ts';
import { parseVerbatim } from '../../plugins/json.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { canned } from '../../plugins/repository/canned/plugin.ts';
import { FolderStore } from '../../streams/folder.ts';
import { settingsIn } from '../cli/lazuli.ts';
import { stageBatch, type TestNotification } from '../transform/staging.ts';
import { blocks, page } from './pages.ts';

const documented = [page('README.md'), page('docs/staged-batches.md')].flatMap(blocks);
const shell = documented.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'));
/** What follows `-c` in the command lines of a program. */
const statementsOf = (program: string): readonly string[] =>
  shell.flatMap((line) => new RegExp(`^${program} -c (["'])(.*)\\1`).exec(line)?.[2] ?? []);
const statements = [
  ...documented.filter(({ language }) => language === 'sql').map(({ text }) => text),
  ...statementsOf('lazuli sql'),
];

/** Stages generated bundles, one of them deleted again, as a catalog `hca`. */
async function stageSome(folder: string, staging: string): Promise<void> {
  await writeBundles(folder, { seed: 'documentation', bundles: 12, versions: 0.5, deletions: 0.5 });
  const repository = await canned.open({ folder }, []);
  const notifications = readBundleFolder(folder).actions.map(async ({ action, ...fqid }): Promise<TestNotification> => {
    if (action === 'delete') return { action, fqid };
    const { bytes, attributes } = await repository.fetchBundle(fqid, 2 ** 26);
    return { action, fqid, contents: parseVerbatim(new TextDecoder().decode(bytes)), attributes };
  });
  const store = new FolderStore(staging);
  await store.prepare();
  await stageBatch(store, hca, 'hca', await Promise.all(notifications));
}

describe('Documented queries of the staged batches', function () {
  this.timeout(120_000);
  const root = mkdtempSync(join(tmpdir(), 'lazuli-queries-'));
  const staging = join(root, 'staging');
  before(() => stageSome(join(root, 'bundles'), staging));
  after(() => rmSync(root, { recursive: true }));

  for (const sql of statements) {
    it(`give rows: ${sql.trim().replace(/\s+/g, ' ').slice(0, 80)}`, async () => {
      const session = await SqlSession.open(settingsIn(root));
      try {
        expect((await session.run(sql)).rows).to.not.be.empty;
      } finally {
        session.close();
      }
    });
  }

  for (const sql of statementsOf('duckdb')) {
    it(`give rows in plain DuckDB: ${sql.slice(0, 80)}`, async () => {
      const instance = await DuckDBInstance.create(':memory:');
      const connection = await instance.connect();
      const here = sql.replace(/'(?:\.lazuli\/staging\/hca\/)?(\w+)\/\*/g, `'${staging}/hca/$1/*`);
      expect((await connection.runAndReadAll(here)).getRows()).to.not.be.empty;
      connection.closeSync();
      instance.closeSync();
    });
  }

  it('are there', () => {
    expect(statements).to.have.length.greaterThan(7);
    expect(statementsOf('duckdb')).to.have.length.greaterThan(2);
  });
});
