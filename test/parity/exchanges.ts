import { isDeepStrictEqual } from 'node:util';
import { canonical } from '../rigs/hca/canonical.ts';
import { asRecorded } from '../rigs/hca/recorded.ts';

/** A recorded request and its answer, as the expected material's README describes them. */
export interface Exchange {
  readonly n: number;
  readonly tag: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly query_string: string;
    readonly json_body?: unknown;
  };
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
  /** wanted instead of what was recorded; then bodies aren't compared */
  readonly expect?: { readonly status: readonly number[] };
}

/** An answer of the service under test. */
export interface Given {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

type Members = Readonly<Record<string, unknown>>;

/** Chains of pages are walked by the service's own links. */
export const isChained = ({ tag }: Exchange): boolean => tag.startsWith('page-chain');

/** @returns what is wrong with an answer; empty where nothing is */
export function difference(exchange: Exchange, given: Given, base: string): string {
  const { status, expect, body } = exchange;
  if (expect !== undefined)
    return expect.status.includes(given.status) ? '' : `status ${given.status}, wanted ${expect.status}`;
  if (given.status !== status)
    return `status ${given.status}, recorded ${status}: ${canonical(given.body).slice(0, 300)}`;
  const [ours, theirs] = [headersOf(given.headers, status), headersOf(new Headers(exchange.headers), status)];
  if (ours !== theirs) return `headers ${ours}, recorded ${theirs}`;
  const local = asRecorded(relocated(given.body, base));
  if (status >= 400) return firstDifference((local as Members).Code, (body as Members).Code, 'Code');
  return firstDifference(comparable(local, body, exchange), comparable(body, body, exchange), '');
}

function headersOf(headers: Headers, status: number): string {
  const type = headers.get('Content-Type')?.split(';')[0] ?? '';
  return status >= 400 ? type : `${type}, ${headers.get('Cache-Control')}`;
}

/** With `{base}` in the place of the service's own URL, as in recorded bodies. */
function relocated(body: unknown, base: string): unknown {
  return body === undefined || body === '' ? null : JSON.parse(JSON.stringify(body).replaceAll(base, '{base}'));
}

function comparable(body: unknown, recorded: unknown, exchange: Exchange): unknown {
  if (!isObject(body)) return body;
  const { hits, pagination, termFacets, catalogs, ...others } = body;
  const known = isObject(recorded) ? recorded.termFacets : undefined;
  return {
    ...(unordered(others) as Members),
    ...(Array.isArray(hits) && { hits: hits.map(unordered) }),
    ...(isObject(pagination) && { pagination: page(pagination, exchange) }),
    ...(isObject(termFacets) && { termFacets: facets(termFacets, known) }),
    ...(isObject(catalogs) && { catalogs: mapped(catalogs, withoutRepository) }),
  };
}

function page(pagination: Members, exchange: Exchange): Members {
  const link = (url: unknown) =>
    typeof url !== 'string' ? url : isChained(exchange) ? 'a link' : linkWithoutCursor(url);
  return { ...pagination, next: link(pagination.next), previous: link(pagination.previous) };
}

const cursors = ['search_after', 'search_before'];

/** Cursors are the service's own; which of them a link has is not. */
function linkWithoutCursor(url: string): unknown {
  const { origin, pathname, searchParams } = new URL(url.replace('{base}', 'http://base'));
  const parameters = Object.fromEntries([...searchParams].filter(([name]) => !cursors.includes(name)));
  const { filters = '{}', ...others } = parameters;
  return {
    origin,
    pathname,
    others,
    filters: JSON.parse(filters),
    cursor: cursors.filter((name) => searchParams.has(name)),
  };
}

/** Recorded are counts of objects, and none of documents without any (docs/differences.md). */
const countsObjects = 'tissueAtlas';

/** The place of the null term is free, and so is a total that was recorded as 0. */
function facets(found: Members, recorded: unknown): Members {
  const known = recorded as Readonly<Record<string, { total: number }>>;
  return Object.fromEntries(
    Object.entries(found as Readonly<Record<string, { terms: { term: unknown }[]; total: number }>>).map(
      ([name, { terms, total, ...rest }]) => {
        const values = terms.filter(({ term }) => term !== null);
        if (name === countsObjects)
          return [name, { ...rest, values: values.map(({ term }) => canonical(term)).sort() }];
        const ordered = values.map(unordered);
        const nulls = terms.filter(({ term }) => term === null);
        return [name, { ...rest, ordered, nulls, total: known[name]?.total === 0 ? 'free' : total }];
      },
    ),
  );
}

function withoutRepository(catalog: unknown): unknown {
  const { plugins, ...others } = catalog as { plugins: Members };
  const { repository, ...compared } = plugins;
  return unordered({ ...others, plugins: compared });
}

/** The order of objects in a list means nothing; that of other values does. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(unordered);
    return items.some(isObject) ? items.sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1)) : items;
  }
  return isObject(value) ? mapped(value, unordered) : value;
}

function mapped(members: Members, change: (value: unknown) => unknown): Members {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]));
}

function isObject(value: unknown): value is Members {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** Where two values differ first, and how. */
function firstDifference(ours: unknown, theirs: unknown, path: string): string {
  if (isDeepStrictEqual(ours, theirs)) return '';
  const parts =
    isObject(ours) && isObject(theirs) ? new Set([...Object.keys(ours), ...Object.keys(theirs)]) : listed(ours, theirs);
  for (const part of parts) {
    const inside = firstDifference((ours as Members)[part], (theirs as Members)[part], `${path}.${part}`);
    if (inside !== '') return inside;
  }
  return `${path}: ${canonical(ours).slice(0, 200)}, recorded ${canonical(theirs).slice(0, 200)}`;
}

function listed(ours: unknown, theirs: unknown): Iterable<string> {
  return Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length ? Object.keys(ours) : [];
}
