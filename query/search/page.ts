import type { ApiField } from '../fields/api-fields.ts';
import type { SearchHit, SearchResult } from '../opensearch.ts';
import { encodeCursor, keyOf, type PagePlace } from './cursor.ts';
import { engineValues, type Order, sortClauses, sortKey } from './sort.ts';

/** Which part of a list is asked for. */
export interface PageRequest {
  readonly size: number;
  readonly sort: ApiField;
  readonly order: Order;
  /** rows after a place, or before it; absent: from the beginning */
  readonly from?: { readonly direction: 'after' | 'before'; readonly place: PagePlace };
}

/** A page: its rows in order, and cursors of its neighbours. */
export interface Page {
  readonly hits: readonly SearchHit[];
  readonly total: number;
  readonly next: Cursor | null;
  readonly previous: Cursor | null;
}

export interface Cursor {
  readonly parameter: 'search_after' | 'search_before';
  readonly value: string;
}

/**
 * The part of a search body that selects a page: one row more than shown tells whether others follow.
 *
 * @throws LazuliError `bad_request` for a place in a list of another order
 */
export function pageBody({ size, sort, order, from }: PageRequest) {
  const direction = from?.direction === 'before' ? inverse[order] : order;
  return {
    size: size + 1,
    sort: sortClauses(sort, direction),
    ...(from === undefined ? {} : { search_after: engineValues(sort, keyOf(from.place, sort)) }),
  };
}

const inverse = { asc: 'desc', desc: 'asc' } as const;

/** Rows found → the page. Where rows were asked for before a key, they came in reverse. */
export function readPage(request: PageRequest, { hits: found, total }: SearchResult): Page {
  const backwards = request.from?.direction === 'before';
  const shown = found.slice(0, request.size);
  const hits = backwards ? shown.toReversed() : shown;
  const more = found.length > request.size;
  const [first, last] = [hits.at(0), hits.at(-1)];
  if (first === undefined || last === undefined) return { hits, total, next: null, previous: null };
  return {
    hits,
    total,
    next: backwards || more ? { parameter: 'search_after', value: cursorOf(request, last) } : null,
    previous: (backwards ? more : request.from !== undefined)
      ? { parameter: 'search_before', value: cursorOf(request, first) }
      : null,
  };
}

const cursorOf = ({ sort, order }: PageRequest, hit: SearchHit): string =>
  encodeCursor(sort, order, sortKey(sort, hit.sort));
