import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import type { AvroRecord } from '../../../exports/formats/pfb/avro.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { anyText } from '../../rigs/texts.ts';
import { readPfb } from './pfb-reader.ts';
import { openRig, type Replica } from './rig.ts';
import { things } from './things.ts';

const written = async (format: 'verbatim.jsonl' | 'verbatim.pfb', replicas: readonly Replica[]) => {
  await using rig = await openRig(things, 'files', []);
  const { file, rows } = await rig.write(format, await rig.select('true', replicas));
  expect(rows).to.equal(replicas.length);
  return format === 'verbatim.pfb' ? await readPfb(file) : readFileSync(file, 'utf8');
};
const jsonl = (replicas: readonly Replica[]) => written('verbatim.jsonl', replicas) as Promise<string>;
const pfb = (replicas: readonly Replica[]) => written('verbatim.pfb', replicas) as ReturnType<typeof readPfb>;

const replica = (type: string, id: string, contents: unknown): Replica => ({
  type,
  id,
  contents: JSON.stringify(contents),
});
const typesOf = async (...contents: readonly unknown[]) => {
  const { schema } = await pfb(contents.map((one, i) => replica('t', `${i}`, one)));
  const tables = schema.fields.find(({ name }) => name === 'object')?.type as readonly AvroRecord[] | undefined;
  return Object.fromEntries((tables?.[1]?.fields ?? []).map(({ name, type }) => [name, type]));
};

describe('Verbatim metadata', function () {
  this.timeout(60_000);

  it('is a line each as JSON, as it was staged', async () => {
    const contents = '{"b": 1.0, "a": [1e400, 9223372036854775807],\n "c": "\u2028\u0085\\n"}';
    const text = await jsonl([{ type: 'a"b', id: '1', contents }, replica('t', '2', {})]);
    const line = '{"value":{"b": 1.0, "a": [1e400, 9223372036854775807],  "c": "\\u2028\\u0085\\n"},"type":"a\\"b"}';
    expect(text).to.equal(`${line}\n{"value":{},"type":"t"}\n`);
  });

  it('may be none at all', async () => {
    expect(await jsonl([])).to.equal('');
    const { entities, metadata } = await pfb([]);
    expect(entities).to.deep.equal([]);
    expect(metadata.object).to.deep.equal({ nodes: [], misc: {} });
  });

  it('has the types in PFB that its values have', async () => {
    expect(await typesOf({ s: 'x', l: 1, d: 0.5, b: true, n: null, e: [] })).to.deep.equal({
      s: 'string',
      l: 'long',
      d: 'double',
      b: 'boolean',
      n: 'null',
      e: { type: 'array', items: [] },
    });
    expect(await typesOf({ a: 1, b: [1] }, { a: 'x' }, { a: 0.5, b: [null] })).to.deep.equal({
      a: ['double', 'long', 'string'],
      b: [{ type: 'array', items: ['long', 'null'] }, 'null'],
    });
  });

  it('may have an object where another one has a list of them, or two names that are much alike', async () => {
    const object = { ontology: 'x' };
    const entities = [
      { organ: object },
      { organ: [object, { text: 'y' }] },
      { 'a b': 1, 'a.b': { c: 1 }, a_b: 'x' },
      { a: { b: { c: 2 } } },
    ];
    const read = await pfb(entities.map((one, i) => replica('t', `${i}`, one)));
    expect(read.entities.map(({ object: { organ } }) => organ)).to.deep.equal([
      object,
      [
        { ontology: 'x', text: null },
        { ontology: null, text: 'y' },
      ],
      null,
      null,
    ]);
    expect(read.entities[2]?.object).to.include({ a_b: 1, a_b_3: 'x' });
  });

  it('comes out of PFB as it was, absent members being null', async () => {
    const members = fc.string({ unit: fc.constantFrom('a', 'b', '1', '-'), minLength: 1, maxLength: 2 });
    const anyValue = fc.jsonValue({ maxDepth: 3 }).map((value) => clean(value));
    const anyContents = fc.dictionary(members, fc.oneof(anyValue, anyText()), { maxKeys: 5 });
    const check = fc.asyncProperty(
      fc.array(fc.tuple(fc.constantFrom('t', 'u'), anyContents), { maxLength: 6 }),
      async (all) => {
        const { entities } = await pfb(all.map(([type, contents], i) => replica(type, `${i}`, contents)));
        expect(entities.map(({ object }) => withoutNulls(object))).to.deep.equal(
          all.map(([, contents]) => withoutNulls(contents)),
        );
      },
    );
    await fc.assert(check, { numRuns: numRuns(400), seed: seed() });
  });
});

/** Names of members that stay as they are, and no minus zero. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value === 'number') return value === 0 ? 0 : value;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.values(value).map((member, i) => [`m${i}`, clean(member)]));
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (member === null ? [] : [[name, withoutNulls(member)]])),
  );
}
