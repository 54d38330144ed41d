import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { stagedTables, tableKey } from '../../core/staged/layout.ts';
import { fqid, source, type ToyBundle, toy } from '../rigs/models/toy.ts';
import { Rig } from './rig.ts';

const full = {
  id: 'thing-1',
  name: 'Ünïcödé 𝄞 日本 \u0000 "quoted"',
  names: ['a', null, 'ß'],
  size: 9007199254740991,
  sizes: [-9007199254740991, null, 0],
  ratio: 0.1,
  flag: true,
  flags: [true, null, false],
  at: '2020-01-31T23:59:59.123456Z',
  age: '38 year',
  ages: ['38', null],
  span: [1.5, null],
  spans: [[null, 2], null],
  kinds: { b: 2, a: 1 },
  extra: { b: [1, { c: null }], a: 'x' },
  extras: [{ n: 1 }, null],
};

describe('staging', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig();
  });
  afterEach(() => rig.dispose());

  async function stage(bundle: ToyBundle | string): Promise<void> {
    rig.repository.put(fqid(1), bundle);
    await rig.process([rig.record('add', fqid(1))]);
    expect(rig.letters).to.deep.equal([]);
  }

  it('keeps every type of column, nulls and all', async () => {
    await stage({ things: [full] });
    const { id, extra, extras: _, span: _s, spans: _p, kinds: _k, ...plain } = full;
    const [row] = (await rig.query('SELECT * EXCLUDE (bundle) FROM $things')) as Record<string, unknown>[];
    expect(row).to.deep.equal({
      ...plain,
      document_id: id,
      row: 0,
      absent: 0,
      size: '9007199254740991',
      sizes: ['-9007199254740991', null, '0'],
      span: { low: 1.5, high: null },
      spans: [{ low: null, high: 2 }, null],
      kinds: [
        { key: 'b', count: '2' },
        { key: 'a', count: '1' },
      ],
      extra: JSON.stringify(extra),
      extras: ['{"n":1}', null],
    });
  });

  it('takes nothing from one batch into the next', async () => {
    await stage({ things: [full, { name: 'more' }], others: [{ name: 'other' }] });
    rig.repository.put(fqid(2), { things: [{ id: 'x', name: 'y', names: [null], flag: false }] });
    rig.time += 60_000;
    await rig.process([rig.record('add', fqid(2))]);
    const things = await rig.query('SELECT name, names, flag, kinds FROM $things');
    const nothing = { names: null, flag: null, kinds: null };
    expect(things).to.have.deep.members([
      {
        name: full.name,
        names: full.names,
        flag: true,
        kinds: [
          { key: 'b', count: '2' },
          { key: 'a', count: '1' },
        ],
      },
      { ...nothing, name: 'more' },
      { ...nothing, name: 'y', names: [null], flag: false },
    ]);
    expect(await rig.query('SELECT name FROM $others')).to.deep.equal([{ name: 'other' }]);
  });

  it('tells absent from null from empty', async () => {
    const nulls = Object.fromEntries(Object.keys(full).map((name) => [name, null]));
    const empty = { ...nulls, name: '', names: [], sizes: [], kinds: {}, extras: [] };
    await stage({ things: [nulls, { name: 'rest absent' }, empty, { name: 'b', size: null, flag: false }] });
    const rows = (await rig.query('SELECT * EXCLUDE (bundle) FROM $things ORDER BY row')) as Record<string, unknown>[];
    const optional = Object.keys(toy.tables.things?.columns ?? {}).slice(1);
    const withoutRow = ({ row: _, absent: __, ...rest }: Record<string, unknown>) => rest;
    const { id: _, ...columns } = nulls;
    expect(rows.map(withoutRow)).to.deep.equal([
      { ...columns, document_id: null },
      { ...columns, document_id: null, name: 'rest absent' },
      { ...columns, document_id: null, name: '', names: [], sizes: [], kinds: [], extras: [] },
      { ...columns, document_id: null, name: 'b', flag: false },
    ]);
    const all = (1 << optional.length) - 1;
    const present = (1 << optional.indexOf('size')) | (1 << optional.indexOf('flag'));
    expect(rows.map(({ absent }) => absent)).to.deep.equal([0, all, 0, all & ~present]);
  });

  it('relates entities to rows by sets, and keeps documents verbatim', async () => {
    const text = '{"things":[{"id":"a","name":"x","ratio":1.0},{"id":"b","name":"y","size":1e3}],"others":[]}';
    await stage(text);
    expect(await rig.query('SELECT * EXCLUDE (bundle) FROM $entities')).to.deep.equal([
      { entity_type: 'files', entity_id: `file of ${fqid(1).uuid}`, things: 1, others: null },
    ]);
    expect(await rig.query('SELECT "set", "row" FROM $members ORDER BY ALL')).to.deep.equal([
      { set: 1, row: 0 },
      { set: 1, row: 1 },
    ]);
    expect(await rig.query('SELECT * EXCLUDE (bundle) FROM $documents')).to.deep.equal([
      { row: 2, document_id: fqid(1).uuid, pointer: '', replica_type: 'toy', contents: text },
    ]);
    expect(await rig.query('SELECT ratio, size FROM $things ORDER BY row')).to.deep.equal([
      { ratio: 1, size: null },
      { ratio: null, size: '1000' },
    ]);
    const joined =
      'SELECT count(*)::INT AS n FROM $bundles a JOIN $things b USING (bundle) JOIN $documents c USING (bundle)';
    expect(await rig.query(joined)).to.deep.equal([{ n: 2 }]);
  });

  it('writes the declared schema', async () => {
    await stage({ things: [full], others: [{ id: 'o', name: 'x' }] });
    for (const { name, columns } of stagedTables(toy)) {
      const described = (await rig.query(`DESCRIBE SELECT * FROM $${name}`)) as Record<string, string>[];
      expect(described.map((column) => column.column_name)).to.deep.equal(columns.map((column) => column.name));
      const types = new Map(described.map((column) => [column.column_name, column.column_type]));
      for (const { name: column, type, list } of columns) {
        expect(types.get(column), `${name}.${column}`).to.equal(duckdbTypes[type] + (list ? '[]' : ''));
      }
    }
  });

  it('describes the batch in a manifest, and points at it', async () => {
    await stage({ things: [full] });
    const [manifest, ...others] = await rig.manifests();
    if (manifest === undefined) throw new Error('there is no manifest');
    expect(others).to.deep.equal([]);
    const { tables, batch, ...rest } = manifest;
    expect(rest).to.deep.equal({
      layout: 1,
      catalog: 'toys',
      replaces: [],
      drops: [],
      created: '2026-11-22T12:00:00.000Z',
      plugin: { name: 'toy', version: 3 },
      bundles: [{ action: 'add', number: 0, source, uuid: fqid(1).uuid, version: fqid(1).version }],
    });
    expect(Object.keys(tables).sort()).to.deep.equal(['bundles', 'documents', 'entities', 'members', 'things']);
    for (const [name, { rows, bytes, sha256 }] of Object.entries(tables)) {
      const file = readFileSync(await rig.store.localPath(tableKey('toys', name, batch)));
      expect([rows, file.length, createHash('sha256').update(file).digest('hex')]).to.deep.equal([1, bytes, sha256]);
    }
    const { uuid, version } = fqid(1);
    const notified = Date.parse('2026-11-22T12:00:00Z');
    expect(rig.pointers).to.deep.equal([{ catalog: 'toys', batch, bundles: [`add ${uuid}.${version}`], notified }]);
    expect(await rig.query('SELECT * EXCLUDE (bundle, content_hash) FROM $bundles')).to.deep.equal([
      {
        ...{
          action: 'add',
          source_id: source.id,
          source_spec: source.spec,
          bundle_uuid: uuid,
          bundle_version: version,
        },
        ...{ number: 0, normalizer_version: 3, attributes: '{"drs_domain":"drs.example"}' },
      },
    ]);
  });
});

const duckdbTypes: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  json: 'VARCHAR',
  int32: 'INTEGER',
  int64: 'BIGINT',
  double: 'DOUBLE',
  bool: 'BOOLEAN',
  range: 'STRUCT(low DOUBLE, high DOUBLE)',
  counts: 'STRUCT("key" VARCHAR, count BIGINT)[]',
};
