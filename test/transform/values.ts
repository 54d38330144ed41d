import fc from 'fast-check';
import type { Column, Json } from '../../core/model/metadata.ts';
import { anyText } from '../rigs/texts.ts';

/** Around the lengths that facets and the index take, in one, two and four bytes. */
const lengthy = ['x', 'é', '\u{1f600}'].flatMap((one) => [256, 257].map((length) => one.repeat(length / one.length)));
const longest = ['x', '\u{1f600}', '"', '\\'].flatMap((one) =>
  [32_766, 32_767].map(
    (bytes) => `${'-'.repeat(bytes % Buffer.byteLength(one))}${one.repeat(bytes / Buffer.byteLength(one))}`,
  ),
);

const text = fc.oneof(
  { arbitrary: fc.constantFrom('a', 'b', 'c', ''), weight: 15 },
  { arbitrary: fc.constantFrom('a b', 'A', 'null', '[]', ...lengthy), weight: 5 },
  { arbitrary: anyText(), weight: 15 },
  { arbitrary: fc.constantFrom(...longest), weight: 1 },
);

/** Without a backslash: V8 13 takes keys that begin with an escape for a key of one backslash that it met before. */
const key = text.map((some) => some.replaceAll('\\', '/'));

/** Of entities: few, so that bundles share them. */
export const idText = fc.constantFrom('1', '2', '3', '\u00e9"\'\\', '\ufeff1', '1\u0000', '\uffff', '\u{1f600}\u2028');

const int = fc.oneof(
  { arbitrary: fc.integer({ min: -2, max: 3 }), weight: 4 },
  { arbitrary: fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), weight: 1 },
);
const float = fc.oneof(
  { arbitrary: fc.constantFrom(0, 0.5, 1, 10, 9, 1.5), weight: 4 },
  // Zero has no sign in JSON.
  { arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }).map((n) => n + 0), weight: 1 },
);
const bound = fc.option(fc.constantFrom(0, 1, 1.5, 9, 10, 1e9, -3), { freq: 8 });
const range = fc
  .tuple(bound, bound)
  .map(([a, b]) => (a === null || b === null ? [a, b] : [Math.min(a, b), Math.max(a, b)]));
const moments = ['2018-11-02T11:33:44.698028Z', '2018-11-02T11:33:44.698029Z', '1999-01-01T00:00:00.000000Z'];

/** Values of a column, null among them; never absent. */
export function columnValue(column: Column): fc.Arbitrary<Json> {
  if (!column.list) return fc.option(scalarOf(column), { freq: 4 });
  const element = column.type === 'object' ? scalarOf(column) : fc.option(scalarOf(column), { freq: 5 });
  return fc.option(fc.array(element, { maxLength: 3 }), { freq: 8 });
}

function scalarOf(column: Column): fc.Arbitrary<Json> {
  switch (column.type) {
    case 'string':
      return text;
    case 'int':
      return int;
    case 'float':
      return float;
    case 'bool':
      return fc.boolean();
    case 'datetime':
      return fc.constantFrom(...moments);
    case 'quantity':
      return fc.constantFrom(
        '38 year',
        '38',
        '9 year',
        '9 day',
        '\u00e9 \u{1f600}',
        '-',
        '\ufeff38 year',
        '\u0000 \ufeff',
        '\u2028',
      );
    case 'range':
      return range;
    case 'counts':
      return fc.dictionary(key, fc.nat(3), { maxKeys: 3, noNullPrototype: true });
    case 'object':
      return objectOf(column);
  }
}

/** Objects that often have the same key, and sometimes none. */
function objectOf({ aggregate, members }: Column): fc.Arbitrary<Json> {
  const by = aggregate?.kind === 'objects' || aggregate?.kind === 'dictionary' ? [aggregate.by] : [];
  const names = members === undefined ? [...new Set([...by, 'other'])] : Object.keys(members);
  const member = (name: string) => (members?.[name] === undefined ? text : scalarOf({ type: members[name] } as Column));
  const record = fc.record(Object.fromEntries(names.map((name) => [name, fc.option(member(name), { freq: 6 })])), {
    requiredKeys: [],
    noNullPrototype: true,
  });
  return record.map((object) => object as unknown as Json);
}
