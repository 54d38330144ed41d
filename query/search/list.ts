import { LazuliError } from '../../config/errors.ts';
import type { PresentContext } from '../../plugins/metadata.ts';
import { type AccessibleSources, accessClauses } from '../access.ts';
import type { Catalog, ServedEntity } from '../catalogs.ts';
import { entityIdPath } from '../fields/envelope.ts';
import { fieldNamed, type ParsedFilters, parseFilters } from '../filter/parse.ts';
import { refusal } from '../filter/refusal.ts';
import type { SearchEngine, SearchHit } from '../opensearch.ts';
import type { EntityParameters } from '../parameters.ts';
import { decodeCursor } from './cursor.ts';
import { type Facet, facetAnswers } from './facet-answers.ts';
import { facetSearches } from './facets.ts';
import { type Page, type PageRequest, pageBody, readPage } from './page.ts';
import { type Conditions, liveQuery, matching } from './plan.ts';

/** A request on the documents of one entity type, parsed and checked. */
export interface EntityRequest {
  readonly catalog: Catalog;
  readonly entity: ServedEntity;
  readonly page: PageRequest;
  readonly filters: ParsedFilters;
}

/** Who asks, and at which address. */
export interface Caller {
  readonly sources: AccessibleSources;
  readonly baseUrl: string;
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
    const key = decodeCursor('search_after', after, sort, order);
    return { catalog, entity, filters, page: { ...page, from: { direction: 'after', key } } };
  }
  if (before === undefined) return { catalog, entity, filters, page };
  const key = decodeCursor('search_before', before, sort, order);
  return { catalog, entity, filters, page: { ...page, from: { direction: 'before', key } } };
}

/** Unlike filters and facets, sorts know no synthetic field. */
const sortField = ({ fields, served }: ServedEntity, name: string | undefined) =>
  fieldNamed(fields, name ?? served.sort);

/** A page of a list, with facets over the whole list. */
export interface List {
  readonly hits: readonly unknown[];
  readonly page: Page;
  readonly facets: Readonly<Record<string, Facet>>;
}

/** @throws LazuliError `forbidden`, `not_found`, `unavailable` */
export async function listEntities(engine: SearchEngine, request: EntityRequest, caller: Caller): Promise<List> {
  const { entity, page } = request;
  const conditions = conditionsOf(request, caller);
  const facets = facetSearches(entity.fields, conditions);
  const index = await indexOf(engine, entity);
  const hitsBody = {
    ...pageBody(page),
    track_total_hits: true,
    query: liveQuery(matching(conditions)),
    _source: sourceOf(entity),
  };
  const [found, ...counts] = await engine.search(
    [hitsBody, ...facets.map(({ body }) => body)].map((body) => ({ index, body })),
  );
  if (found === undefined) throw new TypeError('The search engine gave no result for a search');
  const shown = readPage(page, found);
  const answers = facets.flatMap((search, i) => {
    const result = counts[i];
    return result === undefined ? [] : facetAnswers(search, result);
  });
  return { page: shown, hits: shown.hits.map(presenter(request, caller)), facets: Object.fromEntries(answers) };
}

/** @throws LazuliError `not_found` also where the entity exists, but filters or access hide it */
export async function findEntity(
  engine: SearchEngine,
  request: EntityRequest,
  id: string,
  caller: Caller,
): Promise<unknown> {
  const { entity } = request;
  const conditions = conditionsOf(request, caller);
  const byId = { field: '', filter: { kind: 'terms', path: entityIdPath, values: [id] } as const };
  const query = liveQuery(matching({ ...conditions, clauses: [...conditions.clauses, byId] }));
  const index = await indexOf(engine, entity);
  const [found] = await engine.search([{ index, body: { size: 1, query, _source: sourceOf(entity) } }]);
  const [hit] = found?.hits ?? [];
  if (hit !== undefined) return presenter(request, caller)(hit);
  throw new LazuliError('not_found', `Can't find an entity in ${entity.type} with an uuid, ${id}.`, {
    remedy: `Look it up in /index/${entity.type}.`,
  });
}

function conditionsOf({ entity, filters }: EntityRequest, { sources }: Caller): Conditions {
  return { clauses: filters.clauses, access: accessClauses(entity.served.access, filters, sources) };
}

/** One resolution a request: a swap of generations in between can't mix two of them (architecture, invariant 15). */
async function indexOf(engine: SearchEngine, { alias, type }: ServedEntity): Promise<string> {
  const index = await engine.index(alias);
  if (index !== undefined) return index;
  throw new LazuliError('not_found', `There is no index of ${type} in this catalog yet.`, {
    remedy: 'Create it with `lazuli index create`.',
  });
}

function sourceOf({ served }: ServedEntity) {
  return { excludes: ['_nulls', '_truncated', '_hash', ...(served.showsBundles ? [] : ['bundles'])] };
}

function presenter({ catalog, entity }: EntityRequest, { sources, baseUrl }: Caller): (hit: SearchHit) => unknown {
  const context: PresentContext = {
    entityType: entity.type,
    catalog: catalog.name,
    baseUrl,
    accessibleSources: sources,
  };
  return ({ source }) => catalog.plugin.present(entity.decode(source), context);
}
