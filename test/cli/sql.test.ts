import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { lazuli, settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { publishedSnapshot, stagedBatch } from './staged.ts';

async function stagedFolder() {
  const folder = temporaryFolder();
  const settings = settingsIn(folder.path, ['hca', 'empty']);
  writeFileSync(join(folder.path, 'lazuli.json'), JSON.stringify(settings));
  const { staging } = settings.folders;
  await stagedBatch(staging, '00000001', {
    donors: "SELECT 1::BIGINT AS bundle, 'a, \"b\"' AS name, ['x', NULL] AS tags",
  });
  await stagedBatch(staging, '00000002', {
    donors: 'SELECT 9007199254740993::BIGINT AS bundle, NULL AS name, NULL AS tags',
  });
  await stagedBatch(
    staging,
    '00000003',
    { donors: "SELECT 3::BIGINT AS bundle, 'of no batch' AS name, [] AS tags" },
    false,
  );
  return folder;
}

describe('lazuli sql', () => {
  const query = 'select * from donors order by bundle';

  it('prints the files that count, as lines or as JSON, for other readers', async () => {
    using folder = await stagedFolder();
    const donors = join(folder.path, 'staging', 'hca', 'donors');
    const files = ['00000001', '00000002'].map((batch) => join(donors, `${batch}.parquet`));
    for (const table of ['donors', 'hca.donors']) {
      const { code, out, err } = await lazuli(['sql', '--data', folder.path, '--files', table]);
      expect({ code, out, err }).to.deep.equal({ code: 0, out: `${files.join('\n')}\n`, err: '' });
    }
    const { out } = await lazuli(['sql', '--data', folder.path, '--files', 'donors', '--json']);
    expect(JSON.parse(out)).to.deep.equal(files);
  });

  it('says what there is where no batch has rows of the table whose files are asked for', async () => {
    using folder = await stagedFolder();
    const { code, out, err } = await lazuli(['sql', '--data', folder.path, '--files', 'hca.donor']);
    expect({ code, out }).to.deep.equal({ code: 2, out: '' });
    expect(err).to.match(/No batch of catalog hca has rows of a table 'donor'; there are donors/);
  });

  it('sees the tables of all batches whose manifests exist', async () => {
    using folder = await stagedFolder();
    const { code, out, err } = await lazuli(['sql', '--data', folder.path, '-c', query, '--json']);
    expect({ code, err }).to.deep.equal({ code: 0, err: '' });
    expect(JSON.parse(out)).to.deep.equal([
      { bundle: 1, name: 'a, "b"', tags: ['x', null] },
      { bundle: '9007199254740993', name: null, tags: null },
    ]);
  });

  it('sees the documents of the newest snapshot, each as it is now, where one is published', async () => {
    using folder = await stagedFolder();
    const ask = async (sql: string) => {
      const { out, err } = await lazuli(['sql', '--data', folder.path, '--json', '-c', sql]);
      return err === '' ? JSON.parse(out) : err;
    };
    expect(await ask('from hca_documents.files')).to.match(/hca_documents/);
    const rows = (...some: readonly string[]) =>
      `FROM (VALUES ${some.join(', ')}) AS t(entity_id, "commit", hash, body, "files.size")`;
    await publishedSnapshot(
      join(folder.path, 'staging'),
      rows("('same', 1, 1, '{}', 10)", "('changed', 1, 1, '{}', 20)", "('gone', 1, 1, '{}', 30)"),
      [rows("('changed', 2, 2, '{}', 21)", "('gone', 2, NULL, NULL, NULL)"), rows("('changed', 3, 3, '{}', 22)")],
    );
    expect(await ask('select entity_id, "files.size" from hca_documents.files order by 1')).to.deep.equal([
      { entity_id: 'changed', 'files.size': 22 },
      { entity_id: 'same', 'files.size': 10 },
    ]);
    const schemas = await ask('select distinct schema_name as s from duckdb_views() where not internal order by 1');
    expect(schemas).to.deep.equal([{ s: 'hca' }, { s: 'hca_documents' }]);
  });

  it('tells programs numbers as numbers, where JSON holds them exactly', async () => {
    using folder = await stagedFolder();
    const values = {
      'count(*)': 2,
      "sum(len(coalesce(name, '')))": 6,
      '9007199254740991': 9007199254740991,
      '9007199254740992': '9007199254740992',
      '-9007199254740993': '-9007199254740993',
      '170141183460469231731687303715884105727': '170141183460469231731687303715884105727',
      '18446744073709551615::UBIGINT': '18446744073709551615',
      '1.50::DECIMAL(10,2)': 1.5,
      '123456789012345.6::DECIMAL(20,1)': '123456789012345.6',
      '0.5::FLOAT': 0.5,
      "'nan'::DOUBLE": 'NaN',
      "'-inf'::DOUBLE": '-Infinity',
      true: true,
      null: null,
      '[1::BIGINT, 9007199254740992, NULL]': [1, '9007199254740992', null],
      "{'a': 1::HUGEINT, 'b': [0.25::DECIMAL(4,2)]}": { a: 1, b: [0.25] },
      "map {'k': 1::BIGINT}": [{ key: 'k', value: 1 }],
      "DATE '2020-02-29'": '2020-02-29',
      "TIMESTAMP '2020-02-29 01:02:03.5'": '2020-02-29 01:02:03.5',
      'INTERVAL 1 DAY': '1 day',
      "'\\xAA'::BLOB": '\\xAA',
    };
    const sql = `select ${Object.keys(values)
      .map((value, i) => `${value} as v${i}`)
      .join(', ')} from donors`;
    const { out, err } = await lazuli(['sql', '--data', folder.path, '--json', '-c', sql]);
    expect(err).to.equal('');
    expect(Object.values(JSON.parse(out)[0])).to.deep.equal(Object.values(values));
  });

  it('keeps columns of one name apart', async () => {
    using folder = await stagedFolder();
    const { out } = await lazuli(['sql', '--data', folder.path, '--json', '-c', 'select 1 as a, 2 as a']);
    expect(JSON.parse(out)).to.deep.equal([{ a: 1, 'a:1': 2 }]);
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

  it('names the file that is damaged and what to do, and reads the other tables', async () => {
    using folder = await stagedFolder();
    const at = join(folder.path, 'staging', 'hca');
    await stagedBatch(join(folder.path, 'staging'), '00000004', { cells: 'SELECT 1::BIGINT AS bundle' });
    const file = join(at, 'donors', '00000002.parquet');
    const whole = readFileSync(file);
    const ask = (sql: string) => lazuli(['sql', '--data', folder.path, '--json', '-c', sql]);
    const damage: Readonly<Record<string, () => void>> = {
      'has 100 bytes': () => truncateSync(file, 100),
      'is missing': () => rmSync(file),
      'is not what was written': () =>
        writeFileSync(
          file,
          whole.map((byte) => byte ^ 1),
        ),
    };
    for (const [what, spoil] of Object.entries(damage)) {
      writeFileSync(file, whole);
      spoil();
      const { code, out, err } = await ask('select count(*) from hca.donors');
      expect({ code, out }, what).to.deep.equal({ code: 1, out: '' });
      expect(err, what).to.match(new RegExp(`error: .*hca/donors/00000002\\.parquet ${what}`));
      expect(err, what).to.match(/^remedy: .*lazuli reindex --from repository --catalog hca.*lazuli verify --deep/m);
      const other = await ask('select count(*)::int n from hca.cells');
      expect({ code: other.code, rows: JSON.parse(other.out) }, what).to.deep.equal({ code: 0, rows: [{ n: 1 }] });
      expect(other.err, what).to.include('hca/donors/00000002.parquet');
    }
  });

  it('shows the first 500 rows as a table and says so; as JSON and CSV it prints all', async () => {
    using folder = await stagedFolder();
    const ask = (...options: readonly string[]) =>
      lazuli(['sql', '--data', folder.path, '-c', 'select range as n from range(70000)', ...options]);
    const lines = (await ask()).out.trim().split('\n');
    expect(lines).to.have.length(502);
    expect(lines.at(-2)).to.equal('499');
    expect(lines.at(-1)).to.equal('(the first 500 rows; --json and --csv print all, LIMIT and OFFSET choose)');
    const all = Array.from({ length: 70_000 }, (_, n) => n);
    expect((await ask('--json')).out).to.equal(
      `${JSON.stringify(
        all.map((n) => ({ n })),
        null,
        2,
      )}\n`,
    );
    expect((await ask('--csv')).out).to.equal(`${['n', ...all].join('\r\n')}\n`);
    const none = await lazuli(['sql', '--data', folder.path, '--json', '-c', 'select 1 as n limit 0']);
    expect(none.out).to.equal('[]\n');
  });
});
