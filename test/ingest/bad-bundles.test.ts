import { expect } from 'chai';
import fc from 'fast-check';
import { fqid, type ToyBundle } from '../rigs/models/toy.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { anyText, anyTextOrHalf } from '../rigs/texts.ts';
import { Rig } from './rig.ts';

type Bad = readonly [what: string, bundle: string | ToyBundle, expected: Record<string, unknown>];
const place = (entity: string, field: string) => ({ place: { bundle: bundle1, entity, field } });
const bundle1 = `${fqid(1).uuid}.${fqid(1).version}`;
const whole = place(`bundle/${fqid(1).uuid}`, '$');
const thing = (values: string) => `{"things":[{"id":"ok","name":"ok"},{"id":"x","name":"y",${values}}]}`;

const bad: readonly Bad[] = [
  ['is not JSON', '{"things":', { reason: 'bundle_not_json', ...whole }],
  ['is cut inside a character', '{"things":[{"name":"\xff"}', { reason: 'bundle_not_json', ...whole }],
  ['is empty', '', { reason: 'bundle_not_json', ...whole }],
  [
    'has a name twice in one object',
    '{"things":[{"id":"x","name":"y","extra":{"a/b":1.0,"a/b":1.0}}]}',
    {
      ...{ reason: 'bundle_invalid', ...place(`bundle/${fqid(1).uuid}`, '/things/0/extra/a~1b') },
      message: 'The bundle is ambiguous: it has two members /things/0/extra/a~1b',
    },
  ],
  ['is something else altogether', '42', { reason: 'bundle_invalid', ...whole }],
  [
    'has half of a surrogate pair in a column',
    thing('"names":["\\ud83d"]'),
    {
      ...{ reason: 'bundle_invalid', ...place('things/x', 'names') },
      message: "'names' has half of a surrogate pair, which no text can have",
    },
  ],
  [
    'has half of a surrogate pair elsewhere',
    '{"things":[],"rest":"\\ud83d!"}',
    place(`documents/${fqid(1).uuid}`, 'contents'),
  ],
  ['lacks a column', '{"things":[{"id":"x"}]}', place('things/x', 'name')],
  ['has an undeclared column', thing('"colour":"red"'), place('things/x', 'colour')],
  ['has a __proto__ column', thing('"__proto__":{"size":1}'), place('things/x', '__proto__')],
  ['has a number too large for a double', thing('"ratio":1e400'), place('things/x', 'ratio')],
  ['has an integer too large', thing('"size":9007199254740993'), place('things/x', 'size')],
  ['has a fraction for an integer', thing('"size":1.5'), place('things/x', 'size')],
  [
    'has text for a number',
    thing('"size":"1"'),
    { ...place('things/x', 'size'), message: /must be an integer.*not "1"/ },
  ],
  ['has a number for text', thing('"names":[1]'), place('things/x', 'names')],
  ['has a scalar for a list', thing('"names":"a"'), place('things/x', 'names')],
  ['has a number for a boolean', thing('"flag":1'), place('things/x', 'flag')],
  ['has a time without fraction', thing('"at":"2020-01-01T00:00:00Z"'), place('things/x', 'at')],
  ['has a time that is none', thing('"at":"2020-13-01T00:00:00.000000Z"'), place('things/x', 'at')],
  ['has a quantity with two blanks', thing('"age":"38 and a year"'), place('things/x', 'age')],
  ['has a quantity with no value', thing('"ages":[" year"]'), place('things/x', 'ages')],
  ['has a range of one', thing('"span":[1]'), place('things/x', 'span')],
  ['has a range upside down', thing('"span":[2,1]'), place('things/x', 'span')],
  ['has a fraction for a count', thing('"kinds":{"a":1.5}'), place('things/x', 'kinds')],
  ['has a list for an object', thing('"extra":[]'), place('things/x', 'extra')],
  ['has a number for an object', thing('"extra":1.0'), place('things/x', 'extra')],
];

describe('a bad bundle', () => {
  let rig: Rig;
  beforeEach(() => {
    rig = new Rig();
    rig.repository.put(fqid(0), { things: [{ id: 'before', name: 'a', size: 1 }] });
    rig.repository.put(fqid(2), { things: [{ id: 'after', name: 'b', names: ['c'] }] });
  });
  afterEach(() => rig.dispose());

  for (const [what, bundle, expected] of bad) {
    it(`that ${what} goes to the dead letters, and its neighbours are staged without a trace of it`, async () => {
      if (typeof bundle === 'string') rig.repository.bundles.set(fqid(1).uuid, Buffer.from(bundle, 'latin1'));
      await rig.process([0, 1, 2].map((n) => rig.record('add', fqid(n))));
      expect(rig.letters.length).to.equal(1);
      const [letter] = rig.letters;
      for (const [member, value] of Object.entries(expected)) {
        const actual = letter?.[member as keyof typeof letter];
        if (value instanceof RegExp) expect(actual).to.match(value);
        else expect(actual, member).to.deep.equal(value);
      }
      expect(letter?.remedy).to.be.a('string').and.not.equal('');
      expect(await rig.query('SELECT document_id, name, size, names FROM $things ORDER BY 1')).to.deep.equal([
        { document_id: 'after', name: 'b', size: null, names: ['c'] },
        { document_id: 'before', name: 'a', size: '1', names: null },
      ]);
      for (const table of ['bundles', 'entities', 'members', 'documents']) {
        expect(await rig.query(`SELECT count(*)::INT AS n FROM $${table}`), table).to.deep.equal([{ n: 2 }]);
      }
      expect(rig.log.filter((step) => /letter|checkpointed/.test(step))).to.deep.equal([
        `letter ${letter?.reason}`,
        'ingest.checkpointed',
      ]);
      expect(rig.checkpoints).to.deep.equal(['3']);
    });
  }

  it('that is too large is not parsed', async () => {
    rig.dispose();
    rig = new Rig({ limits: { bundleBytes: 100 } });
    rig.repository.put(fqid(1), `{"things":[]${' '.repeat(100)}}`);
    await rig.process([rig.record('add', fqid(1))]);
    expect(rig.letters.map(({ reason }) => reason)).to.deep.equal(['bundle_too_large']);
  });

  it('that has a value which no document may have is refused, while verbatim metadata may be as large', async () => {
    rig.dispose();
    rig = new Rig({ limits: { documentBytes: 100 } });
    rig.repository.put(fqid(1), `{"things":[{"id":"a","name":"${'x'.repeat(101)}"}]}`);
    rig.repository.put(fqid(2), `{"things":[{"id":"b","name":"${'x'.repeat(100)}"}]}`);
    await rig.process([rig.record('add', fqid(1)), rig.record('add', fqid(2))]);
    expect(rig.letters.map(({ reason, place }) => ({ reason, place }))).to.deep.equal([
      {
        reason: 'bundle_too_large',
        place: { bundle: `${fqid(1).uuid}.${fqid(1).version}`, entity: 'things/a', field: 'name' },
      },
    ]);
    expect(await rig.query('SELECT document_id FROM $things')).to.deep.equal([{ document_id: 'b' }]);
  });

  it('may have odd keys and numbers where nothing is declared: they stay as they are', async () => {
    const text = '{"things":[{"id":"__proto__","name":"constructor","extra":{"__proto__":{"a":1e400},"toString":-0}}]}';
    rig.repository.put(fqid(1), text);
    await rig.process([rig.record('add', fqid(1))]);
    expect(rig.letters).to.deep.equal([]);
    expect(await rig.query('SELECT document_id, name, extra FROM $things')).to.deep.equal([
      { document_id: '__proto__', name: 'constructor', extra: '{"__proto__":{"a":1e400},"toString":-0}' },
    ]);
    expect(await rig.query('SELECT contents FROM $documents')).to.deep.equal([{ contents: text }]);
  });

  it('never stops its neighbours, whatever values it has', async function () {
    this.timeout(600_000);
    const row = fc.dictionary(
      fc.constantFrom('name', 'names', 'size', 'ratio', 'at', 'age', 'span', 'kinds', 'extra', 'x'),
      fc.oneof(fc.jsonValue(), anyTextOrHalf(), fc.array(anyText(), { maxLength: 2 })),
    );
    const bundles = fc.array(fc.array(row, { maxLength: 3 }), { minLength: 1, maxLength: 5 });
    const property = fc.asyncProperty(bundles, async (all) => {
      const own = new Rig();
      try {
        own.repository.put(fqid(100), { things: [{ id: 'good', name: 'good' }] });
        all.forEach((things, n) => {
          own.repository.put(fqid(n), JSON.stringify({ things }));
        });
        await own.process([...all.keys(), 100].map((n) => own.record('add', fqid(n))));
        const staged = (await own.manifests()).flatMap(({ bundles: found }) => found.map(({ uuid }) => uuid));
        expect(staged.length + own.letters.length).to.equal(all.length + 1);
        expect(staged).to.include(fqid(100).uuid);
        const things = await own.query(`SELECT count(*)::INT AS n FROM $bundles b JOIN $things t USING (bundle)`);
        const expected = all.filter((_, n) => staged.includes(fqid(n).uuid)).flat().length + 1;
        expect(things).to.deep.equal([{ n: expected }]);
      } finally {
        own.dispose();
      }
    });
    await fc.assert(property, { numRuns: numRuns(1000), seed: seed() });
  });
});
