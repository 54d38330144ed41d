import { expect } from 'chai';
import fc from 'fast-check';
import { LazuliError } from '../../core/config/errors.ts';
import { parseVerbatim } from '../../core/model/json.ts';
import type { Json, MetadataPlugin } from '../../core/model/metadata.ts';
import { NormalizedBundleBuilder } from '../../core/model/normalized.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { noFaults } from '../../core/runtime/ports.ts';
import { Standings } from '../../core/staged/standings.ts';
import { normalizeBundle } from '../../ingest/normalize.ts';
import { OutdatedBatches } from '../../ingest/outdated/outdated-batches.ts';
import { NotWhole, wholeOf } from '../../ingest/verbatim/frames.ts';
import { isContainer, type PlacedDocument, pointerInside } from '../../ingest/verbatim/places.ts';
import { reassemble } from '../../ingest/verbatim/reassemble.ts';
import { fqid, type ToyRepository, toy, toyCatalogs } from '../rigs/models/toy.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { Rig } from './rig.ts';

const placed = (pointer: string, contents: Json): PlacedDocument => ({ pointer, contents: JSON.stringify(contents) });

/** Names that look like indices, parts of pointers, and members of every object among them. */
const name = fc.oneof(
  fc.constantFrom('0', '1', '01', '-', '', '~', '/', '~1', 'a/b', '__proto__', 'constructor', 'length'),
  fc.string({ maxLength: 3 }),
);
const { bundle: anyBundle } = fc.letrec<{ bundle: Json; leaf: Json }>((tie) => ({
  bundle: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('bundle'), { maxLength: 4 }),
    fc.dictionary(name, tie('bundle'), { maxKeys: 4, noNullPrototype: true }),
  ),
  leaf: fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.constant('text'), fc.constant(parseVerbatim('1.0'))),
}));

/** Documents at places that chance says, so that all of the bundle is in them, and some of it twice. */
function documentsOf(value: Json, pointer: string, chance: () => number): PlacedDocument[] {
  const members = isContainer(value) ? Object.entries(value) : [];
  const inner = () =>
    members.flatMap(([key, member]) => documentsOf(member as Json, pointerInside(pointer, key), chance));
  const draw = chance();
  if (members.length === 0) return draw < 0.5 && isContainer(value) ? [] : [placed(pointer, value)];
  if (draw < 0.5) return inner();
  return draw < 0.75 ? [placed(pointer, value)] : [...inner().slice(0, 2), placed(pointer, value)];
}

describe('Verbatim documents of a bundle', () => {
  it('make the same bundle again, wherever in it they stand', () => {
    fc.assert(
      fc.property(
        anyBundle,
        fc.array(fc.double({ min: 0, max: 0.99, noNaN: true }), { minLength: 1 }),
        (bundle, draws) => {
          let drawn = 0;
          const documents = documentsOf(bundle, '', () => draws[drawn++ % draws.length] as number);
          const all = [...documents, ...wholeOf(bundle, documents).frames];
          expect(JSON.stringify(sortedMembers(reassemble(all)))).to.equal(JSON.stringify(sortedMembers(bundle)));
        },
      ),
      { seed: seed(), numRuns: numRuns(2000) },
    );
  });

  it('are numbered lists where they stand at all indices, also without a word about it', () => {
    const documents = [placed('/things/1', 'b'), placed('/things/0', 'a'), placed('/others/1', 'c')];
    expect(reassemble(documents)).to.deep.equal({ things: ['a', 'b'], others: { 1: 'c' } });
  });

  it('may stand inside of each other', () => {
    const documents = [placed('/things/1/name', 'b'), placed('', { things: [{ name: 'a' }, { name: 'b' }] })];
    expect(wholeOf({ things: [{ name: 'a' }, { name: 'b' }] }, documents)).to.deep.equal({ frames: [], changed: null });
    expect(reassemble(documents)).to.deep.equal({ things: [{ name: 'a' }, { name: 'b' }] });
  });

  const wrong: Readonly<Record<string, [Json, PlacedDocument[], RegExp]>> = {
    'leave something out': [{ a: 1, b: 2 }, [placed('/a', 1)], /no document holds what it has at '\/b'/],
    'leave an element out': [{ a: [1, 2] }, [placed('/a/1', 2)], /no document holds what it has at '\/a\/0'/],
    'are none': [{ a: 1 }, [], /no document holds what it has at '\/a'/],
    'are of another place': [{ a: 1 }, [placed('/a', 1), placed('/b', 1)], /the bundle has nothing at '\/b'/],
    'are beyond a list': [[1], [placed('', [1]), placed('/1', 1)], /the bundle has nothing at '\/1'/],
    'have no pointer': [{ a: 1 }, [placed('a', 1)], /'a' is no JSON pointer/],
    'have half an escape': [{ '~': 1 }, [placed('/~', 1)], /'\/~' is no JSON pointer/],
  };
  for (const [what, [bundle, documents, message]] of Object.entries(wrong)) {
    it(`are refused where they ${what}`, () => {
      expect(() => wholeOf(bundle, documents)).to.throw(NotWhole, message);
    });
  }
});

function sortedMembers(value: Json): Json {
  if (Array.isArray(value)) return value.map(sortedMembers);
  if (typeof value !== 'object' || value === null || 'rawJSON' in value) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, sortedMembers(member as Json)]);
}

/** A plug-in that stages each thing of a list where it stands. */
const listing: MetadataPlugin = {
  ...toy,
  normalize: ({ contents, fqid: { uuid } }) => {
    const { things, ...rest } = contents as unknown as { things: { name: string }[] } & Record<string, Json>;
    const builder = new NormalizedBundleBuilder();
    const rows = things.map(({ name: own }, i) => {
      builder.document(`/things/${i}`, { name: own }, null, null);
      return builder.row('things', `${uuid}-${i}`, { name: own });
    });
    for (const [key, value] of Object.entries(rest)) if (key !== 'lost') builder.document(`/${key}`, value, null, null);
    builder.entity('files', uuid, { things: builder.set(rows) });
    return builder.build();
  },
};

describe('Bundles of which documents stand in lists', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig({ catalogs: (repository: ToyRepository) => withPlugin(toyCatalogs(repository), listing) });
  });
  afterEach(() => rig.dispose());

  const withPlugin = (catalogs: ReturnType<typeof toyCatalogs>, plugin: MetadataPlugin) =>
    new Map([...catalogs].map(([key, catalog]) => [key, { ...catalog, plugin }]));

  it('are normalized again when the version of the plug-in was raised', async () => {
    const bundles = [
      '{"things":[{"name":"a"},{"name":"b"}]}',
      '{"things":[],"0":{"0":1.0}}',
      '{"things":[{"name":"c"}]}',
    ];
    for (const [i, text] of bundles.entries()) rig.repository.put(fqid(i), text);
    await rig.process(bundles.map((_, i) => rig.record('add', fqid(i))));
    const { store, clock } = rig;
    const ports = {
      ...{ store, clock, fault: noFaults, limits: { batchBundles: 10, batchRows: 1000, documentBytes: 1000 } },
      putPointer: async () => {},
      deadLetters: { put: async (letter: (typeof rig.letters)[number]) => void rig.letters.push(letter) },
    };
    const later = withPlugin(toyCatalogs(rig.repository), { ...listing, version: toy.version + 1 });
    await new OutdatedBatches(later, ports, noLogger).stageAll();
    expect(rig.letters).to.deep.equal([]);
    const { live } = await new Standings(store, 'toys').read();
    const [batch] = live;
    expect(live.length).to.equal(1);
    const of = (sql: string) => rig.query(`SELECT ${sql} AND filename LIKE '%${batch}%' ORDER BY ALL`);
    expect(await of('name FROM $things WHERE true')).to.deep.equal([{ name: 'a' }, { name: 'b' }, { name: 'c' }]);
    expect(await of(`contents FROM $documents WHERE pointer = '/0'`)).to.deep.equal([{ contents: '{"0":1.0}' }]);
  });

  it('that leave something out are dead letters, and the plug-in is told to be at fault', async () => {
    rig.repository.put(fqid(1), '{"things":[],"lost":"x"}');
    await rig.process([rig.record('add', fqid(1))]);
    expect(rig.letters).to.have.length(1);
    const { uuid, version } = fqid(1);
    expect(rig.letters[0]).to.deep.include({
      reason: 'plugin_faulty',
      place: { bundle: `${uuid}.${version}`, entity: `bundle/${uuid}`, field: '$' },
      remedy: 'Correct the metadata plug-in, then redrive.',
    });
    expect(rig.letters[0]?.message).to.match(
      /Plug-in 'toy' stages documents .* no document holds what it has at '\/lost'/,
    );
  });

  /** Stages names in capitals, and rows of names as they come, or in capitals, too. */
  const changing = (inRows: (name: string) => string): MetadataPlugin => ({
    ...listing,
    normalize: (bundle) => {
      const { rows, ...rest } = listing.normalize(bundle);
      const changed = rows.map(({ values: { contents, name: own, ...others }, ...row }) => ({
        ...row,
        values: contents === undefined ? { name: inRows(String(own)) } : { ...others, contents: capitals(contents) },
      }));
      return { ...rest, rows: changed };
    },
  });
  const capitals = (contents: unknown): string =>
    JSON.stringify({ name: JSON.parse(String(contents)).name.toUpperCase() });
  const bytes = Buffer.from('{"things":[{"name":"a"}]}');

  it('may be changed where that changes nothing else', () => {
    const plugin = changing((own) => own.toUpperCase());
    expect(normalizeBundle(plugin, fqid(1), { bytes, attributes: {} }, 1000).rows).to.have.length(2);
  });

  it('that would be other rows the next time are refused', () => {
    const refused = () =>
      normalizeBundle(
        changing((own) => own),
        fqid(1),
        { bytes, attributes: {} },
        1000,
      );
    expect(refused).to.throw(LazuliError, /what is staged at '\/things\/0' is not what the bundle has there/);
  });
});
