import { setImmediate as turn } from 'node:timers/promises';
import { LazuliError } from '../../core/config/errors.ts';
import { type Printed, printed } from '../../core/http/printed.ts';
import { refusal } from '../../core/http/refusal.ts';
import type { PresentContext } from '../../core/model/metadata.ts';
import { type AccessibleSources, accessClauses } from '../access.ts';
import type { Catalog, ServedEntity } from '../catalogs.ts';
import type { ApiField } from '../fields/api-fields.ts';
import { entityIdPath } from '../fields/envelope.ts';
import { fieldNamed, type ParsedFilters, parseFilters } from '../filter/parse.ts';
import type { SearchEngine, SearchHit } from '../opensearch.ts';
import type { EntityParameters } from '../parameters.ts';
import { decodeCursor } from './cursor.ts';
import type { PrintedFacets } from './facet-answers.ts';
import type { FacetCache, SearchedCopies } from './facet-cache.ts';
import { facetSearches } from './facets.ts';
import { type IndexState, stateBody, stateOf } from './index-state.ts';
import { type Page, type PageRequest, pageBody, readPage } from './page.ts';
import { withPlace } from './place.ts';
import { type Conditions, liveQuery, matching, preferenceOf } from './plan.ts';
import { presented } from './present.ts';
import type { Reading, Serving } from './serving.ts';
import { truncatedIn, withTruncated } from './truncated.ts';

/** A request on the documents of one entity type, parsed and checked. */
export interface EntityRequest {
  readonly catalog: Catalog;
  readonly entity: ServedEntity;
  readonly given: EntityParameters;
  readonly page: PageRequest;
  readonly filters: ParsedFilters;
}

/** Who asks, and at which address. */
export interface Caller {
  readonly sources: AccessibleSources;
  readonly baseUrl: string;
  /** aborts when they don't wait any more */
  readonly signal: AbortSignal;
}

/** @throws LazuliError `bad_request` */
export function entityRequest(catalog: Catalog, entity: ServedEntity, given: EntityParameters): EntityRequest {
  const { fields, served } = entity;
  const filters = parseFilters(given.filters, fields);
  if (given.size > served.maxPage) {
    throw refusal(
      `Invalid value for parameter \`size\`, must not be greater than ${served.maxPage}: ${given.size}.`,
      'Follow the `next` link of a page for more.',
    );
  }
  const sort = sortField(entity, given.sort);
  const order = given.order ?? served.order;
  const { search_after: after, search_before: before } = given;
  const page = { size: given.size, sort, order };
  if (after !== undefined) {
    const place = decodeCursor('search_after', after, sort, order);
    return { catalog, entity, given, filters, page: { ...page, from: { direction: 'after', place } } };
  }
  if (before === undefined) return { catalog, entity, given, filters, page };
  const place = decodeCursor('search_before', before, sort, order);
  return { catalog, entity, given, filters, page: { ...page, from: { direction: 'before', place } } };
}

/** What somebody wants to know. */
interface Question {
  readonly request: EntityRequest;
  readonly caller: Caller;
  readonly conditions: Conditions;
}

/** @throws LazuliError `forbidden` */
function questionOf(request: EntityRequest, caller: Caller): Question {
  const { entity, filters } = request;
  const access = accessClauses(entity.served.access, filters, caller.sources);
  return { request, caller, conditions: { clauses: filters.clauses, access } };
}

/** The same question in terms of the index that serves, which may lack fields that it is about. */
function questionIn(entity: ServedEntity, asked: Question): Question {
  const { request, caller } = asked;
  if (entity === request.entity) return asked;
  return questionOf(entityRequest(request.catalog, entity, request.given), caller);
}

/** Unlike filters and facets, sorts know no synthetic field. */
function sortField({ fields, served }: ServedEntity, name: string | undefined): ApiField {
  const field = fieldNamed(fields, name ?? served.sort);
  return field.sortedBy ?? field;
}

/** A page of a list, with facets over the whole list. */
export interface List {
  readonly hits: Printed<readonly unknown[]>;
  readonly page: Page;
  readonly facets: PrintedFacets;
}

/** What lists are answered by. */
export interface Searching {
  readonly engine: SearchEngine;
  readonly facets: FacetCache;
  readonly serving: Serving;
}

/**
 * Hits and facets are asked for apart: facets are the same for all pages, and cost most.
 *
 * @throws LazuliError `bad_request`, `forbidden`, `not_found`, `overloaded`, `unavailable`, `layout_unknown`
 */
export async function listEntities(
  { engine, facets, serving }: Searching,
  request: EntityRequest,
  caller: Caller,
): Promise<List> {
  const asked = questionOf(request, caller);
  const { catalog, entity } = request;
  return serving.with(caller.signal, catalog, entity, (reading) => listFrom(reading, { engine, facets }, asked));
}

async function listFrom(
  { index, entity }: Reading<ServedEntity>,
  { engine, facets }: Pick<Searching, 'engine' | 'facets'>,
  asked: Question,
): Promise<List> {
  const { request, caller, conditions } = questionIn(entity, asked);
  const from = { index, preference: preferenceOf(conditions) };
  const searches = facetSearches(entity.fields, conditions);
  // Facets take longest: if they have to be asked for, that is sent first, and the page is asked for and made ready meanwhile.
  const found = turn().then(() => pageOf(engine, from, { request, caller, conditions }));
  const counts = facets.facets(
    from,
    searches,
    found.then(({ state }) => state),
    caller.signal,
  );
  const list = found.then(({ shown }) => ({ page: shown, hits: printed(shown.hits.map(presenter(request, caller))) }));
  const [shown, counted] = await Promise.all([list, counts]);
  return { ...shown, facets: counted };
}

/** A page of hits, and the state in which the index was at that moment. */
async function pageOf(
  engine: SearchEngine,
  copies: SearchedCopies,
  { request: { entity, page: asked }, caller: { signal }, conditions }: Question,
): Promise<{ readonly shown: Page; readonly state: IndexState }> {
  const page = await withPlace(engine, copies, asked, signal);
  const searched = { index: copies.index.name, preference: copies.preference };
  const hitsBody = {
    ...pageBody(page),
    track_total_hits: true,
    query: liveQuery(matching(conditions)),
    _source: sourceOf(entity),
  } as const;
  const searches = [
    { ...searched, body: hitsBody, cached: true as const },
    { ...searched, body: stateBody },
  ];
  const [found, state] = await engine.search(searches, signal);
  if (found === undefined || state === undefined) {
    throw new TypeError('The search engine gave no result for a search');
  }
  return { shown: readPage(page, found), state: stateOf(state) };
}

/** @throws LazuliError `not_found` also where the entity exists, but filters or access hide it; else as lists */
export async function findEntity(
  { engine, serving }: Pick<Searching, 'engine' | 'serving'>,
  request: EntityRequest,
  id: string,
  caller: Caller,
): Promise<unknown> {
  const asked = questionOf(request, caller);
  const { catalog, entity } = request;
  return serving.with(caller.signal, catalog, entity, (reading) => findIn(reading, engine, asked, id));
}

async function findIn(
  { index, entity }: Reading<ServedEntity>,
  engine: SearchEngine,
  asked: Question,
  id: string,
): Promise<unknown> {
  const { request, caller, conditions } = questionIn(entity, asked);
  const byId = { field: '', filter: { kind: 'terms', path: entityIdPath, values: [id] } as const };
  const all = { ...conditions, clauses: [...conditions.clauses, byId] };
  const body = { size: 1, track_total_hits: true, query: liveQuery(matching(all)), _source: sourceOf(entity) } as const;
  const [found] = await engine.search([{ index: index.name, preference: preferenceOf(all), body }], caller.signal);
  const [hit] = found?.hits ?? [];
  if (hit !== undefined) return presenter(request, caller)(hit);
  throw new LazuliError('not_found', `Can't find an entity in ${entity.type} with an uuid, ${id}.`, {
    remedy: `Look it up in /index/${entity.type}.`,
  });
}

function sourceOf({ served }: ServedEntity) {
  return { excludes: ['_nulls', '_rest', '_hash', ...(served.showsBundles ? [] : ['bundles'])] };
}

function presenter({ catalog, entity }: EntityRequest, { sources, baseUrl }: Caller): (hit: SearchHit) => unknown {
  const context: PresentContext = {
    entityType: entity.type,
    catalog: catalog.name,
    baseUrl,
    accessibleSources: sources,
  };
  const truncated = truncatedIn(entity);
  return ({ source }) => withTruncated(presented(catalog.plugin, entity.decode(source), context), truncated(source));
}
