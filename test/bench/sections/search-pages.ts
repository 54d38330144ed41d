import { z } from 'zod';
import { succeeded } from '../machine/requests.ts';
import type { Measurement } from '../measurement.ts';
import { median, shown } from '../statistics.ts';
import { millisOf, type SearchRig } from './search-rig.ts';

const listed = z.object({
  pagination: z.object({ total: z.int(), next: z.string().nullable() }),
  termFacets: z.record(
    z.string(),
    z.object({ terms: z.array(z.object({ term: z.unknown(), count: z.int() })), type: z.literal('terms') }),
  ),
});

/** The first page of a filter that nobody has asked before, which matches half of the files, and the next page. */
export async function pages({ bench, requests, files }: SearchRig, url: string): Promise<Measurement[]> {
  const list = async (address: string) => listed.parse(JSON.parse(await succeeded(requests.get(address))));
  const { termFacets } = await list(`${url}/index/files`);
  const [facet, term, count] = halving(termFacets, files);
  bench.say(`half of the files: ${facet} is ${JSON.stringify(term)}, ${count} of ${files}`);
  const [first, next]: [number[], number[]] = [[], []];
  for (let round = 0; round < bench.sizes.search.rounds; round++) {
    const filters = JSON.stringify({ [facet]: { is: [term, `none ${round}`] } });
    const address = `${url}/index/files?${new URLSearchParams({ filters })}`;
    const text = { first: '' };
    first.push(await millisOf(async () => (text.first = await succeeded(requests.get(address)))));
    const following = listed.parse(JSON.parse(text.first)).pagination.next;
    if (following === null) throw new Error('Half of the files fit on a page');
    next.push(await millisOf(() => succeeded(requests.get(following))));
  }
  return [
    {
      name: 'next page ÷ first page of half of the files',
      value: median(next) / median(first),
      unit: 'ratio',
      target: { bound: 'most', value: 0.15 },
      note: `${shown(count)} files, ${first.length} filters`,
    },
    { name: 'first page of half of the files', value: median(first), unit: 'ms' },
    { name: 'next page', value: median(next), unit: 'ms' },
  ];
}

/** The term whose count is nearest to half of the files. */
function halving(
  facets: z.output<typeof listed>['termFacets'],
  files: number,
): readonly [facet: string, term: string, count: number] {
  const terms = Object.entries(facets).flatMap(([facet, found]) =>
    found.terms.flatMap(({ term, count }) =>
      typeof term === 'string' && facet !== 'accessible' ? [[facet, term, count] as const] : [],
    ),
  );
  const distance = (count: number) => Math.abs(count - files / 2);
  const [best] = terms.filter(([facet]) => !booleans.has(facet)).sort(([, , a], [, , b]) => distance(a) - distance(b));
  if (best === undefined) throw new Error('No facet has terms');
  return best;
}

/** They take no further values. */
const booleans: ReadonlySet<string> = new Set(['isIntermediate', 'pairedEnd', 'isTissueAtlasProject']);
