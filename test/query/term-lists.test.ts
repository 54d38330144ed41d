import { expect } from 'chai';
import { Printed } from '../../core/http/printed.ts';
import type { ApiField } from '../../query/fields/api-fields.ts';
import { termLists } from '../../query/search/facet-answers.ts';
import { parseLifting } from '../../query/search/lifted-buckets.ts';

const field = (name: string, type: ApiField['type'], beside?: string): ApiField => ({
  ...{ name, type, beside, path: `f.${name}`, members: {}, facet: true, whole: true, indexed: true },
});
const counted = { doc_count_error_upper_bound: 0, sum_other_doc_count: 0 };
const buckets = [{ key: '5 year', doc_count: 2 }];
const list = { ...counted, buckets };

describe('lists of buckets in an answer about facets', () => {
  it('are read as the fields have it whose aggregations they are of; others are left', () => {
    const beside = [{ key: 'a', doc_count: 1, beside: list }];
    const aggregations = {
      'terms:text': list,
      'terms:age': list,
      'terms:group': { doc_count: 3, terms: list },
      'terms:named': { ...counted, buckets: beside },
      'terms:unknown': list,
      other: list,
    };
    const answer = Buffer.from(JSON.stringify({ responses: [{ aggregations }] }));
    const fields = [field('text', 'string'), field('age', 'quantity'), field('group', 'object')];
    const reader = termLists([...fields, field('named', 'string', 'ids')])(answer);
    const parsed = parseLifting(answer, reader);
    const text = [{ term: '5 year', count: 2 }];
    expect(JSON.parse(JSON.stringify(parsed, shown))).to.deep.equal({
      responses: [
        {
          aggregations: {
            'terms:text': { ...counted, buckets: { read: text } },
            'terms:age': { ...counted, buckets: { read: [{ term: { value: '5', unit: 'year' }, count: 2 }] } },
            'terms:group': { doc_count: 3, terms: { ...counted, buckets: { left: buckets } } },
            'terms:named': { ...counted, buckets: { read: [{ term: 'a', count: 1, ids: ['5 year'] }] } },
            'terms:unknown': { ...counted, buckets: { left: buckets } },
            other: { ...counted, buckets: { left: buckets } },
          },
        },
      ],
    });
  });
});

/** `JSON.stringify` gives bytes their own form before it asks. */
function shown(this: Readonly<Record<string, unknown>>, name: string, value: unknown): unknown {
  const found = this[name];
  if (found instanceof Printed) return { read: JSON.parse(found.bytes.toString()) };
  return Buffer.isBuffer(found) ? { left: JSON.parse(found.toString()) } : value;
}
