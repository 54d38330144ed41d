import { expect } from 'chai';
import { manifestKey } from '../../../core/exports/request.ts';
import { requestOf } from '../../rigs/exports/requests.ts';

describe('The key of an export', () => {
  const { hash, request } = requestOf();

  it('is the same for the same request, and another for any part that decides about the bytes', () => {
    expect(hash)
      .to.match(/^[\w-]{43}$/)
      .and.to.equal(manifestKey({ ...request }).hash);
    const others = [
      { snapshot: 2 },
      { catalog: 'other' },
      { format: 'parquet' as const },
      { version: 2 },
      { filters: '{"a":{"is":[1]}}' },
      { sources: ['a', 'b'] },
      { sources: [] },
      { baseUrl: 'https://service.example' },
    ];
    const hashes = others.map((over) => requestOf(over).hash);
    expect(new Set([hash, ...hashes]).size).to.equal(others.length + 1);
  });
});
