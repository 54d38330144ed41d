import { expect } from 'chai';
import { expected, needsShared } from '../rigs/hca/shared.ts';
import { difference, type Exchange } from './exchanges.ts';

const base = 'http://127.0.0.1:8000';

/** A copy with the value at a path made another one. */
function changed(value: unknown, [step, ...rest]: readonly string[]): unknown {
  if (step === undefined) return value === 'other' ? 'another' : 'other';
  const copy = structuredClone(value) as Record<string, unknown>;
  copy[step] = changed(copy[step], rest);
  return copy;
}

describe('The comparison with recorded answers', () => {
  before(function () {
    needsShared(this);
  });

  it('accepts an answer as it was recorded, and none with a change that means something', () => {
    const exchanges = [...expected<Exchange>('responses.ndjson.gz')];
    const list = exchanges.find(({ request, body }) => request.path === '/index/projects' && body !== null) as Exchange;
    const given = { status: list.status, headers: new Headers(list.headers), body: list.body };
    expect(difference(list, given, base)).to.equal('');
    const places = [
      'hits.0.entryId',
      'hits.0.projects.0.laboratory.0',
      'pagination.total',
      'pagination.sort',
      'termFacets.organ.terms.0.count',
      'termFacets.project.terms.0.projectId.0',
      'termFacets.organ.total',
    ];
    for (const place of places) {
      const body = changed(list.body, place.split('.'));
      expect(difference(list, { ...given, body }, base), place).not.to.equal('');
    }
    const {
      termFacets: facets,
      hits,
      ...rest
    } = list.body as { termFacets: { organ: { terms: object[] } }; hits: object[] };
    const { organ } = facets;
    const swapped = { ...facets, organ: { ...organ, terms: organ.terms.toReversed() } };
    for (const body of [
      { ...rest, hits, termFacets: swapped },
      { ...rest, hits: hits.toReversed(), termFacets: facets },
    ]) {
      expect(difference(list, { ...given, body }, base)).not.to.equal('');
    }
    expect(difference(list, { ...given, status: 400 }, base)).to.match(/status 400/);
    expect(difference(list, { ...given, headers: new Headers({ 'Content-Type': 'text/html' }) }, base)).to.match(
      /headers/,
    );
  });
});
