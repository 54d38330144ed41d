import { expect } from 'chai';
import * as fc from 'fast-check';
import { PrintedTerms, type ReadTerms } from '../../query/search/printed-terms.ts';
import { numRuns, seed } from '../property.ts';
import { anyText } from '../texts.ts';

/** Texts with everything that JSON escapes, brackets, quotes, blanks and what takes several bytes. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', ']', '}', ',', 'é', '🧬', '\n') }),
  anyText(),
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
/** Something stands before and behind the list. */
function parsedTerms(buckets: Buffer, field: Field): unknown {
  const read = new PrintedTerms(Buffer.concat([before, buckets, behind])).read(before.length, field);
  if (read === undefined) return undefined;
  expect(read.end).to.equal(before.length + buckets.length);
  return parsed(read);
}
const [before, behind] = [Buffer.from('"buckets":'), Buffer.from('}]')];
const parsed = ({ value }: ReadTerms): unknown => JSON.parse(value.bytes.toString());

type Field = Parameters<PrintedTerms['read']>[1];
const plain = { type: 'string', beside: undefined } as const;
const quantity = { type: 'quantity', beside: undefined } as const;

describe('terms taken from buckets as they are printed', () => {
  it('are those of the buckets', () => {
    const property = fc.property(fc.array(bucket), (buckets) => {
      const expected = buckets.map(({ key, doc_count }) => ({ term: key, count: doc_count }));
      expect(parsedTerms(bytesOf(buckets), plain)).to.deep.equal(expected);
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
      expect(parsedTerms(bytesOf(buckets), { type: 'string', beside: 'ids' })).to.deep.equal(expected);
    });
    fc.assert(property, { numRuns: numRuns(20_000), seed: seed() });
  });

  it('are value and unit where they are quantities', () => {
    const buckets = [
      { key: '53 year', doc_count: 3 },
      { key: '7', doc_count: 2 },
    ];
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
    ['no end of what is escaped', '[{"key":"a\\'],
    ['no list', '{"key":"a","doc_count":3}'],
  ] as const) {
    it(`are left to be parsed where there are ${what}`, () => {
      expect(new PrintedTerms(Buffer.from(json)).read(0, plain)).to.equal(undefined);
    });
  }

  it('are left to be parsed where a quantity has anything escaped', () => {
    expect(parsedTerms(Buffer.from('[{"key":"5\\u0020year","doc_count":3}]'), quantity)).to.equal(undefined);
  });

  it('of several lists are in the same memory, whatever is between them, until it is given back', () => {
    const lists = ['[{"key":"a","doc_count":1}]', '[{"key":"b","doc_count":2},5]', '[{"key":"c","doc_count":3}]'];
    const terms = new PrintedTerms(Buffer.from(lists.join('')));
    const starts = lists.map((_list, i) => lists.slice(0, i).join('').length);
    const [a, b, c] = starts.map((start) => terms.read(start, plain));
    expect(b).to.equal(undefined);
    expect([a, c].map((one) => one && parsed(one))).to.deep.equal([
      [{ term: 'a', count: 1 }],
      [{ term: 'c', count: 3 }],
    ]);
    terms.release();
    expect(a?.value.bytes.length).to.equal(0);
  });

  it('are left to be parsed where a name would take more room than there is', () => {
    const buckets = [
      { key: 'a', doc_count: 1, beside: { doc_count_error_upper_bound: 0, sum_other_doc_count: 0, buckets: [] } },
    ];
    const name = 'n'.repeat(1000);
    expect(new PrintedTerms(bytesOf(buckets)).read(0, { type: 'string', beside: name })).to.equal(undefined);
  });
});
