import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import { parseVerbatim } from '../../core/model/json.ts';
import type { Json, MetadataPlugin } from '../../core/model/metadata.ts';
import { documentsTable, type NormalizedBundle, type NormalizedRow } from '../../core/model/normalized.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { noFaults } from '../../core/runtime/ports.ts';
import { manifestKey, newBatchId } from '../../core/staged/layout.ts';
import { Standings } from '../../core/staged/standings.ts';
import { OutdatedBatches } from '../../ingest/outdated/outdated-batches.ts';
import { reassemble } from '../../ingest/verbatim/reassemble.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { needsShared, sampleBundles } from '../rigs/hca/shared.ts';
import { generateBundles } from '../rigs/models/generated.ts';
import { fqid, type ToyBundle, toy, toyCatalogs } from '../rigs/models/toy.ts';
import { Rig } from './rig.ts';

const inCapitals = (row: NormalizedRow): NormalizedRow =>
  row.table === 'things' ? { ...row, values: { ...row.values, name: String(row.values.name).toUpperCase() } } : row;

/** The same model, one version on: names are in capitals, and one name is refused. */
const later: MetadataPlugin = {
  ...toy,
  version: 4,
  normalize: (bundle) => {
    const { things } = bundle.contents as unknown as ToyBundle;
    if (things.some(({ name }) => name === 'refused'))
      throw new LazuliError('bundle_invalid', 'no longer', { remedy: 'Choose another name.' });
    const { rows, ...rest } = toy.normalize(bundle);
    return { ...rest, rows: rows.map(inCapitals) };
  },
};

describe('Batches of an earlier version of a plug-in', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig();
  });
  afterEach(() => rig.dispose());

  function outdated(
    plugin: MetadataPlugin,
    fault: (point: string) => void = noFaults,
    { batchBundles = 2, documentBytes = 1000 } = {},
  ): OutdatedBatches {
    const catalogs = new Map([...toyCatalogs(rig.repository)].map(([name, catalog]) => [name, { ...catalog, plugin }]));
    const { store, clock } = rig;
    const ports = {
      ...{ store, clock, fault, limits: { batchBundles, batchRows: 1000, documentBytes } },
      putPointer: async (pointer: (typeof rig.pointers)[number]) => void rig.pointers.push(pointer),
      deadLetters: { put: async (letter: (typeof rig.letters)[number]) => void rig.letters.push(letter) },
    };
    return new OutdatedBatches(catalogs, ports, noLogger);
  }

  async function stageNames(...names: readonly string[]): Promise<void> {
    for (const [i, name] of names.entries()) rig.repository.put(fqid(i), { things: [{ id: `t${i}`, name }] });
    const records = names.map((_, i) => rig.record('add', fqid(i)));
    await rig.process([...records, rig.record('delete', fqid(0))]);
  }

  const live = async () => (await new Standings(rig.store, 'toys').read()).live;
  /** of the batches that count */
  async function rows(sql: string): Promise<unknown> {
    const kept = new Set(await live());
    return (await rig.query(sql)).filter((row) => kept.has(String((row as { batch: string }).batch))).map(unbatched);
  }
  const unbatched = (row: unknown): unknown => {
    const { batch: _, ...rest } = row as Record<string, unknown>;
    return rest;
  };
  const batch = 'parse_filename(filename, true) AS batch';

  it('are normalized again from what is staged, and replaced; deletions stay', async () => {
    await stageNames('ada', 'bob', 'cyd');
    const before = await rig.query('SELECT action, bundle_uuid, content_hash FROM $bundles ORDER BY ALL');
    const fetched = [...rig.repository.fetched];
    await outdated(later).stageAll();
    expect(rig.repository.fetched).to.deep.equal(fetched);
    expect(await rows(`SELECT name, ${batch} FROM $things ORDER BY name`)).to.deep.equal(
      ['ADA', 'BOB', 'CYD'].map((name) => ({ name })),
    );
    const columns = 'action, bundle_uuid, content_hash';
    expect(await rows(`SELECT ${columns}, ${batch} FROM $bundles ORDER BY ${columns}`)).to.deep.equal(before);
    expect(await rows(`SELECT DISTINCT normalizer_version AS v, ${batch} FROM $bundles`)).to.satisfy(
      (found: { v: number }[]) => found.every(({ v }) => v === 4),
    );
    const all = await live();
    await outdated(later).stageAll();
    expect(await live()).to.deep.equal(all);
  });

  it('count until the last of what replaces them is there', async () => {
    await stageNames('ada', 'bob', 'cyd');
    const [first] = await live();
    let manifests = 0;
    const dying = outdated(later, (point) => {
      if (point === 'ingest.manifest-written' && ++manifests === 1) throw new Error('dead');
    });
    await dying.stageAll();
    expect(await live()).to.include(first);
    await outdated(later).stageAll();
    expect(await live()).not.to.include(first);
  });

  it('still admit what they admitted, and are of the time at which they were staged', async () => {
    await stageNames('ada');
    const [first] = await rig.manifests();
    if (first === undefined) throw new Error('nothing is staged');
    const [admitting, aside] = [newBatchId(rig.time, { replacing: true }), newBatchId(rig.time, { run: 'abcdef' })];
    const said = { admits: [aside], staged: '2020-01-01T00:00:00.000Z' };
    const manifest = { ...first, ...said, batch: admitting, tables: {}, bundles: [] };
    await rig.store.put(manifestKey('toys', admitting), Buffer.from(JSON.stringify(manifest)));
    await outdated(later).stageAll();
    const catalogs = (await rig.manifests()).find(({ replaces }) => replaces.includes(admitting));
    expect(catalogs).to.deep.include(said);
    const other = (await rig.manifests()).find(({ replaces }) => replaces.includes(first.batch));
    expect([other?.staged, other?.admits]).to.deep.equal([first.created, undefined]);
  });

  it('lose a bundle that the new version refuses to the dead letters, and no other', async () => {
    await stageNames('ada', 'refused', 'cyd');
    await outdated(later).stageAll();
    expect(rig.letters.map(({ reason, place }) => [reason, place.bundle])).to.deep.equal([
      ['bundle_invalid', `${fqid(1).uuid}.${fqid(1).version}`],
    ]);
    const { source, uuid, version } = fqid(1);
    expect(rig.letters.map(({ lost }) => lost)).to.deep.equal([{ source: source.id, uuid, version }]);
    expect(await rows(`SELECT name, ${batch} FROM $things ORDER BY name`)).to.deep.equal([
      { name: 'ADA' },
      { name: 'CYD' },
    ]);
  });

  it('lose a bundle with a value which no document may have, as if it were fetched now', async () => {
    const long = 'ä'.repeat(51);
    await stageNames('ada', long, long.slice(1));
    await outdated(later, noFaults, { documentBytes: 100 }).stageAll();
    const bundle = `${fqid(1).uuid}.${fqid(1).version}`;
    expect(rig.letters.map(({ reason, place }) => ({ reason, place }))).to.deep.equal([
      { reason: 'bundle_too_large', place: { bundle, entity: 'things/t1', field: 'name' } },
    ]);
    expect(await rows(`SELECT name, ${batch} FROM $things ORDER BY name`)).to.deep.equal([
      { name: 'ADA' },
      { name: 'Ä'.repeat(50) },
    ]);
  });

  it('stay as they are where this version is not the later one', async () => {
    await stageNames('ada');
    const before = await live();
    await outdated(toy).stageAll();
    await outdated({ ...later, version: 2 }).stageAll();
    expect(await live()).to.deep.equal(before);
  });
});

describe('A bundle put together from its verbatim documents', () => {
  /** Rows, and those that each entity is related to, whatever their numbers are. */
  function content({ rows, sets, entities }: NormalizedBundle): unknown {
    const texts = rows.map((row) => createHash('sha256').update(JSON.stringify(row)).digest('hex'));
    const members = (set: number): readonly string[] => (sets[set - 1] ?? []).map((row) => texts[row] ?? '').sort();
    const related = entities.map((entity) => {
      const roles = Object.entries(entity.sets).map(([role, set]) => [role, members(set)]);
      return JSON.stringify([entity.type, entity.id, roles.sort()]);
    });
    return { rows: [...texts].sort(), entities: related.sort() };
  }

  function expectSame(id: BundleFqid, contents: Json, repository: Readonly<Record<string, string>>): void {
    const normalized = hca.normalize({ fqid: id, contents, repository });
    const documents = normalized.rows.filter(({ table }) => table === documentsTable).map(({ values }) => values);
    const again = reassemble(documents as { pointer: string; contents: string }[]);
    expect(content(hca.normalize({ fqid: id, contents: again, repository }))).to.deep.equal(content(normalized));
  }

  it('normalizes to the same: generated ones', () => {
    for (const { fqid: id, text } of generateBundles({ seed: 'outdated', bundles: 60 }))
      expectSame(id, parseVerbatim(text), { drs_domain: 'data.example' });
  });

  it('normalizes to the same: real ones', function () {
    needsShared(this);
    for (const { fqid: id, contents, repository } of sampleBundles()) expectSame(id, contents, repository);
  });

  it('is the document itself where that is all of it', () => {
    expect(reassemble([{ pointer: '', contents: '[1.0]' }])).to.deep.equal(parseVerbatim('[1.0]'));
    expect(reassemble([{ pointer: '/__proto__/a~1b~0', contents: '1' }])).to.have.property('__proto__');
  });
});
