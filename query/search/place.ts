import { entityIdPath } from '../fields/envelope.ts';
import type { SearchEngine } from '../opensearch.ts';
import { digestIn, placeInFull } from './cursor.ts';
import type { SearchedCopies } from './facet-cache.ts';
import type { PageRequest } from './page.ts';
import { liveQuery } from './plan.ts';
import { sortClauses, sortKey } from './sort.ts';

/**
 * The same part of a list, by a place that the search engine can take: of a long text a cursor holds a digest, so the
 * document is asked for its text. What it says is used as a place only, and not shown.
 *
 * @throws LazuliError `bad_request` where the document is another one now
 */
export async function withPlace(
  engine: Pick<SearchEngine, 'search'>,
  { index, preference }: SearchedCopies,
  page: PageRequest,
  signal: AbortSignal,
): Promise<PageRequest> {
  const { from, sort, order } = page;
  if (from === undefined || digestIn(from.place) === undefined) return page;
  const query = liveQuery({ kind: 'terms', path: entityIdPath, values: [from.place.key.id] });
  const body = {
    size: 1,
    track_total_hits: true,
    query,
    sort: sortClauses(sort, order),
    _source: [entityIdPath],
  } as const;
  const [found] = await engine.search([{ index: index.name, preference, body }], signal);
  const [hit] = found?.hits ?? [];
  return { ...page, from: { ...from, place: placeInFull(from.place, hit && sortKey(sort, hit.sort)) } };
}
