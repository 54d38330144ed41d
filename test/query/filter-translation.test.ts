import { expect } from 'chai';
import { apiFields } from '../../query/fields/api-fields.ts';
import { toQuery } from '../../query/filter/opensearch.ts';
import { parseFilters } from '../../query/filter/parse.ts';
import { herbarium } from '../rigs/models/herbarium.ts';

const fields = apiFields(herbarium).get('sheets');

/** Filters → plain data → query, of one field. */
function translated(filters: unknown) {
  if (fields === undefined) throw new TypeError('There are no sheets');
  const [clause] = parseFilters(JSON.stringify(filters), fields).clauses;
  return clause && { filter: clause.filter, query: toQuery(clause.filter) };
}

const path = (name: string) => `contents.sheets.${name}`;
const missing = (field: string) => ({
  bool: {
    must_not: [{ exists: { field } }],
  },
});
const absent = (field: string) => ({ bool: { must_not: [{ exists: { field } }] } });

describe('the translation of filters', () => {
  it('is the same plain data for every target: is', () => {
    expect(translated({ title: { is: ['Aster', null] } })).to.deep.equal({
      filter: {
        kind: 'any',
        of: [
          { kind: 'terms', path: path('title'), values: ['Aster'] },
          { kind: 'null', path: path('title') },
        ],
      },
      query: {
        bool: {
          should: [
            { terms: { [path('title')]: ['Aster'] } },
            {
              bool: { should: [{ term: { _nulls: path('title') } }, missing(path('title'))], minimum_should_match: 1 },
            },
          ],
          minimum_should_match: 1,
        },
      },
    });
  });

  it('is the same plain data for every target: ranges', () => {
    expect(translated({ bytes: { within: [[1, null]] } })).to.deep.equal({
      filter: { kind: 'between', path: path('bytes'), low: 1, high: null },
      query: { range: { [path('bytes')]: { gte: 1 } } },
    });
    const shownOrNot = (range: object) => {
      const places = [path('altitude'), `_rest.${path('altitude')}`];
      return { bool: { should: places.map((place) => ({ range: { [place]: range } })), minimum_should_match: 1 } };
    };
    expect(translated({ altitude: { contains: [5, [6, 7]] } })).to.deep.equal({
      filter: {
        kind: 'all',
        of: [
          { kind: 'contains', path: path('altitude'), low: 5, high: 5 },
          { kind: 'contains', path: path('altitude'), low: 6, high: 7 },
        ],
      },
      query: {
        bool: {
          filter: [
            shownOrNot({ gte: 5, lte: 5, relation: 'contains' }),
            shownOrNot({ gte: 6, lte: 7, relation: 'contains' }),
          ],
        },
      },
    });
  });

  it('is the same plain data for every target: objects', () => {
    expect(translated({ numbers: { is: [{ register: 'K', number: null }] } })).to.deep.equal({
      filter: {
        kind: 'nested',
        path: path('numbers'),
        of: {
          kind: 'all',
          of: [
            { kind: 'terms', path: path('numbers.register'), values: ['K'] },
            { kind: 'absent', path: path('numbers.number') },
          ],
        },
      },
      query: {
        nested: {
          path: path('numbers'),
          query: {
            bool: { filter: [{ terms: { [path('numbers.register')]: ['K'] } }, absent(path('numbers.number'))] },
          },
          ignore_unmapped: true,
        },
      },
    });
  });

  it('asks for every value by the gaps between the values allowed, in the order of their bytes', () => {
    expect(toQuery({ kind: 'only', path: 'sources.id', values: ['b', '\u{1F600}', '\uFF5E', 'b'] })).to.deep.equal({
      bool: {
        filter: [{ terms: { 'sources.id': ['b', '\u{1F600}', '\uFF5E', 'b'] } }],
        must_not: [
          {
            bool: {
              should: [
                { range: { 'sources.id': { lt: 'b' } } },
                { range: { 'sources.id': { gt: 'b', lt: '\uFF5E' } } },
                { range: { 'sources.id': { gt: '\uFF5E', lt: '\u{1F600}' } } },
                { range: { 'sources.id': { gt: '\u{1F600}' } } },
              ],
              minimum_should_match: 1,
            },
          },
        ],
      },
    });
    expect(toQuery({ kind: 'only', path: 'sources.id', values: [] })).to.deep.equal({ match_none: {} });
  });
});
