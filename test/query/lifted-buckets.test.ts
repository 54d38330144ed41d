import { expect } from 'chai';
import * as fc from 'fast-check';
import { parseLifting } from '../../query/search/lifted-buckets.ts';
import { numRuns, seed } from '../property.ts';

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', '\\', ']', '}', '[', '{', '🧬') }),
  fc.constantFrom('"buckets":[', '\\"buckets":[', 'buckets', '}]}'),
);
const bucket = fc.record({ key: text, doc_count: fc.nat(), beside: fc.record({ buckets: fc.array(text) }) });
const aggregation = fc.record({ sum_other_doc_count: fc.nat(), buckets: fc.array(bucket) });
const answer = fc.record({
  hits: fc.array(text),
  aggregations: fc.dictionary(fc.constantFrom('a', 'b', 'c'), aggregation),
});

describe('an answer whose lists of buckets are left as bytes', () => {
  it('is the answer, and the bytes are those of its lists', () => {
    const property = fc.property(fc.array(answer), (responses) => {
      const lifted = responses.map((response) => ({
        ...response,
        aggregations: Object.fromEntries(
          Object.entries(response.aggregations).map(([name, { buckets, ...rest }]) => [
            name,
            { ...rest, buckets: Buffer.from(JSON.stringify(buckets)) },
          ]),
        ),
      }));
      expect(parseLifting(Buffer.from(JSON.stringify({ responses })))).to.deep.equal({ responses: lifted });
    });
    fc.assert(property, { numRuns: numRuns(4000), seed: seed() });
  });

  for (const cut of ['', '{"buckets":[', '{"buckets":["a', '{"buckets":["\\', '{"buckets":[]']) {
    it(`is refused where it is cut: ${cut}`, () => {
      expect(() => parseLifting(Buffer.from(cut))).to.throw(SyntaxError);
    });
  }
});
