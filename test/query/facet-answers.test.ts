import { expect } from 'chai';
import * as fc from 'fast-check';
import { LazuliError } from '../../core/config/errors.ts';
import { printed } from '../../core/http/printed.ts';
import type { ApiField } from '../../query/fields/api-fields.ts';
import { facetAnswers, isExact } from '../../query/search/facet-answers.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { anyText } from '../rigs/texts.ts';

/** Texts with everything that JSON escapes, brackets, quotes, blanks and what takes several bytes. */
const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', ' ', '"', '\\', ']', '}', ',', 'é', '🧬', '\n') }),
  anyText(),
  fc.constantFrom('doc_count', '"buckets":[', '{"key":"x","doc_count":3}', ''),
);
const count = fc.integer({ min: 1, max: 100_000 });
const bucket = fc.record({ key: text, doc_count: count });
const listOf = (buckets: unknown) => ({ doc_count_error_upper_bound: 0, sum_other_doc_count: 0, buckets });
const beside = fc.array(bucket, { maxLength: 3 }).map(listOf);
const bucketBeside = fc.record({ key: text, doc_count: count, beside });

const fieldOf = (type: ApiField['type'], other?: string): ApiField => ({
  ...{ name: 'kind', type, beside: other, path: 'f.kind', members: {}, facet: true, whole: true, indexed: true },
});

const nothing = printed({});

/** The facet of a field, of an answer as OpenSearch prints it. */
function facetOf(field: ApiField, aggregation: unknown, nulls = 0): unknown {
  const aggregations = JSON.parse(JSON.stringify({ 'terms:kind': aggregation, 'null:kind': { doc_count: nulls } }));
  const search = { fields: [field], accessible: false, body: nothing, wider: () => nothing };
  const result = { total: 9, hits: [], aggregations };
  expect(isExact(search, result)).to.equal(true);
  return JSON.parse(facetAnswers(search, result).bytes.toString()).kind;
}
const termsOf = (buckets: unknown, field = fieldOf('string')): unknown =>
  (facetOf(field, listOf(buckets)) as { readonly terms: unknown }).terms;

describe('the facets of an answer', () => {
  it('have the terms of its buckets', () => {
    const property = fc.property(fc.array(bucket), (buckets) => {
      expect(termsOf(buckets)).to.deep.equal(buckets.map(({ key, doc_count }) => ({ term: key, count: doc_count })));
    });
    fc.assert(property, { numRuns: numRuns(20_000), seed: seed() });
  });

  it('have the values beside them', () => {
    const property = fc.property(fc.array(bucketBeside), (buckets) => {
      const expected = buckets.map(({ key, doc_count, beside: { buckets: values } }) => ({
        term: key,
        count: doc_count,
        ids: (values as readonly { readonly key: string }[]).map((value) => value.key),
      }));
      expect(termsOf(buckets, fieldOf('string', 'ids'))).to.deep.equal(expected);
    });
    fc.assert(property, { numRuns: numRuns(20_000), seed: seed() });
  });

  it('have value and unit of quantities', () => {
    const buckets = [
      { key: '53 year', doc_count: 3 },
      { key: '7', doc_count: 2 },
    ];
    expect(termsOf(buckets, fieldOf('quantity'))).to.deep.equal([
      { term: { value: '53', unit: 'year' }, count: 3 },
      { term: { value: '7', unit: null }, count: 2 },
    ]);
  });

  it('show numbers as texts, and what OpenSearch prints beside them as it prints it', () => {
    const buckets = [
      { key: 5, doc_count: 3 },
      { key: 1, key_as_string: 'true', doc_count: 2 },
    ];
    expect(termsOf(buckets)).to.deep.equal([
      { term: '5', count: 3 },
      { term: 'true', count: 2 },
    ]);
  });

  it('count documents, not objects, where a field holds objects', () => {
    const buckets = [{ key: 'a', doc_count: 5, documents: { doc_count: 2 } }];
    const aggregation = { doc_count: 5, terms: listOf(buckets) };
    const whole = { total: 9, type: 'terms' };
    expect(facetOf(fieldOf('object'), aggregation)).to.deep.equal({ terms: [{ term: 'a', count: 2 }], ...whole });
    expect(facetOf(fieldOf('object'), { doc_count: 0 }, 9)).to.deep.equal({
      terms: [{ term: null, count: 9 }],
      ...whole,
    });
  });

  for (const [what, buckets] of [
    ['no key', [{ doc_count: 3 }]],
    ['a key that is neither text nor number', [{ key: null, doc_count: 3 }]],
    ['no count', [{ key: 'a' }]],
    ['a count that is no whole number', [{ key: 'a', doc_count: 0.5 }]],
    ['a count that is a text', [{ key: 'a', doc_count: '3' }]],
    ['a count of documents that is none', [{ key: 'a', doc_count: 3, documents: 3 }]],
    ['values beside that are no buckets', [{ key: 'a', doc_count: 3, beside: { buckets: ['a'] } }]],
    ['a printed key that is no text', [{ key: 1, key_as_string: 1, doc_count: 3 }]],
    ['null', [null]],
    ['no list', { key: 'a', doc_count: 3 }],
  ] as const) {
    it(`are refused where there is ${what} in the place of a bucket`, () => {
      expect(() => termsOf(buckets)).to.throw(LazuliError, 'not available');
    });
  }
});
