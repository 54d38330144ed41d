import { expect } from 'chai';
import * as fc from 'fast-check';
import { parseLifting } from '../../query/search/lifted-buckets.ts';
import { numRuns, seed } from '../property.ts';
import { anyText } from '../texts.ts';

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', '"', '\\', ']', '}', '[', '{', '🧬') }),
  anyText(),
  fc.constantFrom('"buckets":[', '\\"buckets":[', 'buckets', '}]}'),
);
const bucket = fc.record({ key: text, doc_count: fc.nat(), beside: fc.record({ buckets: fc.array(text) }) });
const aggregation = fc.record({ sum_other_doc_count: fc.nat(), buckets: fc.array(bucket) });
const answer = fc.record({
  hits: fc.array(text),
  aggregations: fc.dictionary(fc.constantFrom('a', 'b', 'c'), aggregation),
});

const knowsNone = { read: () => undefined };

describe('an answer whose lists of buckets are lifted out', () => {
  it('is the answer, and lists that nothing reads are their bytes', () => {
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
      const json = Buffer.from(JSON.stringify({ responses }));
      expect(parseLifting(json, knowsNone)).to.deep.equal({ responses: lifted });
    });
    fc.assert(property, { numRuns: numRuns(4000), seed: seed() });
  });

  it('has what a reader makes of its lists, and goes on behind them', () => {
    const json = Buffer.from('{"a":{"buckets":[1]},"b":{"buckets":[2]},"c":{"buckets":[3]}}');
    const read = (start: number) =>
      json[start + 1] === '2'.charCodeAt(0) ? undefined : { value: { start }, end: start + '[1]'.length };
    expect(parseLifting(json, { read })).to.deep.equal({
      a: { buckets: { start: json.indexOf('[1]') } },
      b: { buckets: Buffer.from('[2]') },
      c: { buckets: { start: json.indexOf('[3]') } },
    });
  });

  it('keeps buckets that have names', () => {
    const named = { a: { buckets: { x: { doc_count: 1, b: { buckets: [] } } } } };
    const expected = { a: { buckets: { x: { doc_count: 1, b: { buckets: Buffer.from('[]') } } } } };
    expect(parseLifting(Buffer.from(JSON.stringify(named)), knowsNone)).to.deep.equal(expected);
  });

  for (const cut of ['', '{"buckets":[', '{"buckets":["a', '{"buckets":["\\', '{"buckets":[]']) {
    it(`is refused where it is cut: ${cut}`, () => {
      expect(() => parseLifting(Buffer.from(cut), knowsNone)).to.throw(SyntaxError);
    });
  }
});
