import { expect } from 'chai';
import * as fc from 'fast-check';
import { printedTerms } from '../../query/search/printed-terms.ts';
import { numRuns, seed } from '../property.ts';

/** Texts with everything that JSON escapes, brackets, quotes, blanks and what takes several bytes. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', ']', '}', ',', 'é', '🧬', '\n') }),
  fc.constantFrom('doc_count', '"buckets":[', '{"key":"x","doc_count":3}', ''),
);
const count = fc.integer({ min: 0, max: 100_000 });
const bucket = fc.record({ key: text, doc_count: count });
const beside = fc.record({
  doc_count_error_upper_bound: fc.constant(0),
  sum_other_doc_count: count,
  buckets: fc.array(bucket, { maxLength: 3 }),
});
const bucketBeside = fc.record({ key: text, doc_count: count, beside });

const bytesOf = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const parsedTerms = (...given: Parameters<typeof printedTerms>): unknown => {
  const terms = printedTerms(...given);
  return terms === undefined ? undefined : JSON.parse(terms.bytes.toString());
};
const isPlain = (...texts: readonly string[]): boolean => texts.every((one) => JSON.stringify(one) === `"${one}"`);

const plain = { type: 'string', beside: undefined } as const;

describe('terms taken from buckets as they are printed', () => {
  it('are those of the buckets, where nothing is escaped', () => {
    const property = fc.property(fc.array(bucket), (buckets) => {
      const expected = buckets.map(({ key, doc_count }) => ({ term: key, count: doc_count }));
      const taken = isPlain(...buckets.map(({ key }) => key));
      expect(parsedTerms(bytesOf(buckets), plain)).to.deep.equal(taken ? expected : undefined);
    });
    fc.assert(property, { numRuns: numRuns(20_000), seed: seed() });
  });

  it('have the values beside them', () => {
    const property = fc.property(fc.array(bucketBeside), (buckets) => {
      const expected = buckets.map(({ key, doc_count, beside: { buckets: values } }) => ({
        term: key,
        count: doc_count,
        ids: values.map((value) => value.key),
      }));
      const texts = buckets.flatMap((one) => [one.key, ...one.beside.buckets.map(({ key }) => key)]);
      const terms = parsedTerms(bytesOf(buckets), { type: 'string', beside: 'ids' });
      expect(terms).to.deep.equal(isPlain(...texts) ? expected : undefined);
    });
    fc.assert(property, { numRuns: numRuns(20_000), seed: seed() });
  });

  it('are value and unit where they are quantities', () => {
    const buckets = [
      { key: '53 year', doc_count: 3 },
      { key: '7', doc_count: 2 },
    ];
    const quantity = { type: 'quantity', beside: undefined } as const;
    expect(parsedTerms(bytesOf(buckets), quantity)).to.deep.equal([
      { term: { value: '53', unit: 'year' }, count: 3 },
      { term: { value: '7', unit: null }, count: 2 },
    ]);
    expect(parsedTerms(bytesOf([{ key: '53 year old', doc_count: 3 }]), quantity)).to.equal(undefined);
  });

  for (const [what, json] of [
    ['numbers', '[{"key":5,"doc_count":3}]'],
    ['booleans', '[{"key":1,"key_as_string":"true","doc_count":3}]'],
    ['other members', '[{"key":"a","doc_count":3,"more":1}]'],
    ['another order', '[{"doc_count":3,"key":"a"}]'],
    ['blanks', '[{"key": "a","doc_count":3}]'],
    ['counts that are no plain numbers', '[{"key":"a","doc_count":-3}]'],
    ['no end', '[{"key":"a","doc_count":3}'],
    ['no end of a text', '[{"key":"a'],
    ['no next one', '[{"key":"a","doc_count":3},]'],
    ['more behind the end', '[{"key":"a","doc_count":3}]]'],
    ['no list', '{"key":"a","doc_count":3}'],
  ] as const) {
    it(`are left to be parsed where there are ${what}`, () => {
      expect(printedTerms(Buffer.from(json), plain)).to.equal(undefined);
    });
  }

  it('are left to be parsed where a name would take more room than there is', () => {
    const buckets = [
      { key: 'a', doc_count: 1, beside: { doc_count_error_upper_bound: 0, sum_other_doc_count: 0, buckets: [] } },
    ];
    const name = 'n'.repeat(1000);
    expect(printedTerms(bytesOf(buckets), { type: 'string', beside: name })).to.equal(undefined);
  });
});
