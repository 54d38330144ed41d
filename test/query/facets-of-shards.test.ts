import { expect } from 'chai';
import { herbarium, sheet } from '../rigs/models/herbarium.ts';
import { startService } from '../rigs/service/harness.ts';

/** Habitats of one sheet each, more of them in a shard than it tells of by itself, and others of two sheets, which come later. */
const [sheetCount, rare, common] = [600, 10, 1200];
const padded = (letter: string, number: number): string => `${letter}${String(number).padStart(5, '0')}`;
const habitatsOf = (number: number): readonly string[] => [
  ...Array.from({ length: rare }, (_, i) => padded('a', number * rare + i)),
  ...Array.from({ length: (2 * common) / sheetCount }, (_, i) => padded('z', (number * 4 + i) % common)),
];

describe('facets of an index with several shards', () => {
  it('count all documents, of terms that no shard thinks much of as well', async () => {
    const sheets = Array.from({ length: sheetCount }, (_, number) =>
      sheet(number, { habitats: [...habitatsOf(number)] }),
    );
    await using service = await startService({ plugin: herbarium, documents: { sheets }, shards: 3 });
    const { body } = await service.get('/index/sheets?size=1');
    const { terms, other, total } = body.termFacets.habitat;
    const expected = Array.from({ length: 1000 }, (_, i) => ({ term: padded('z', i), count: 2 }));
    expect(terms).to.deep.equal(expected);
    expect({ other, total }).to.deep.equal({ other: sheetCount * rare + 2 * (common - 1000), total: sheetCount });
  }).timeout(120_000);
});
