import { expect } from 'chai';
import fc from 'fast-check';
import { NameTwice, requireUniqueNames, unambiguous } from '../../../core/config/json-members.ts';
import { pointerPart } from '../../../core/config/json-pointer.ts';
import { wholeJson } from '../../../core/config/text.ts';
import { parseVerbatim } from '../../../core/model/json.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { anyText } from '../../rigs/texts.ts';

/** JSON as it may be written: an object is a list of members, of which some may have the same name. */
type Written = { readonly leaf: string } | { readonly list: readonly Written[] } | { readonly members: Members };
type Members = readonly (readonly [name: string, value: Written])[];

const name = fc.oneof(fc.constantFrom('a', 'b', '__proto__', 'rawJSON', '0', 'a/b', '~', ':', '{"a":1'), anyText());
const leaf = fc.oneof(
  fc.constantFrom('null', 'true', '0', '1.0', '1e400', '-0', '12345678901234567', '"{\\"a\\": 1, \\"a\\": 1}"'),
  anyText().map((text) => JSON.stringify(text)),
);
const { any } = fc.letrec<{ any: Written }>((tie) => ({
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf.map((text) => ({ leaf: text })),
    fc.array(tie('any'), { maxLength: 4 }).map((list) => ({ list })),
    fc.array(fc.tuple(name, tie('any')), { maxLength: 4 }).map((members) => ({ members })),
  ),
}));

/** @param blank between all that may be apart */
function print(value: Written, blank: string): string {
  if ('leaf' in value) return `${blank}${value.leaf}${blank}`;
  if ('list' in value) return `${blank}[${blank}${value.list.map((one) => print(one, blank)).join()}]${blank}`;
  const members = value.members.map(([name, one]) => `${blank}${JSON.stringify(name)}${blank}:${print(one, blank)}`);
  return `${blank}{${blank}${members.join()}}${blank}`;
}

/** The pointer to the first member whose name is there before. */
function firstTwice(value: Written): string | null {
  if ('leaf' in value) return null;
  const inside = 'list' in value ? value.list.map((one, i) => [String(i), one] as const) : value.members;
  const names = new Set<string>();
  for (const [name, one] of inside) {
    const pointer = `/${pointerPart(name)}`;
    if (names.has(name)) return pointer;
    names.add(name);
    const inner = firstTwice(one);
    if (inner !== null) return `${pointer}${inner}`;
  }
  return null;
}

/** What a way to read says is there twice; null for nothing. */
function refused(read: () => unknown): string | null {
  try {
    read();
    return null;
  } catch (error) {
    if (error instanceof NameTwice) return error.pointer;
    throw error;
  }
}

describe('Members of a JSON document from outside', () => {
  it('have a name each, or the document is refused with the place of the second one', () => {
    const property = fc.property(any, fc.constantFrom('', ' ', '\n\t'), (value, blank) => {
      const text = print(value, blank);
      const ways = [
        () => unambiguous(text, parseVerbatim),
        () => unambiguous(text, JSON.parse),
        () => wholeJson(text),
        () => requireUniqueNames(text),
      ];
      for (const read of ways) expect(refused(read), text).to.equal(firstTwice(value));
    });
    fc.assert(property, { numRuns: numRuns(20_000), seed: seed() });
  });

  it('have the same name where it is escaped in one of them', () => {
    expect(refused(() => wholeJson('{"x": [1, {"sex": 1, "\\u0073ex": 1}]}'))).to.equal('/x/1/sex');
  });

  it('are named in a message of bounded length', () => {
    const long = JSON.stringify('x'.repeat(100_000));
    expect(() => wholeJson(`{${long}: 1, ${long}: 1}`))
      .to.throw(NameTwice, /^it has two members \/x{100}/)
      .with.property('message')
      .with.length.below(2001);
  });
});
