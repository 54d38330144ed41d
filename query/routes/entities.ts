import { readJsonText } from '../../http/body.ts';
import type { Context } from '../../http/state.ts';
import { type Catalog, catalogNamed, entityNamed } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { refusal, shown } from '../filter/refusal.ts';
import { baseUrl } from '../http/base-url.ts';
import { callerSources } from '../http/caller.ts';
import { entityParameters, hoist, parseParameters, type RawParameters, urlParameters } from '../parameters.ts';
import { type Caller, type EntityRequest, entityRequest, findEntity, type List, listEntities } from '../search/list.ts';
import type { Cursor } from '../search/page.ts';

/** `GET|POST|HEAD /index/{entity_type}` (specification, service-api 7) */
export function entitiesRoute(deps: QueryDeps) {
  const bodyLimit = { maxBytes: deps.limits.requestBytes, remedy: 'Filter by fewer values.' };
  return async (ctx: Context, type: string): Promise<void> => {
    const inUrl = urlParameters(ctx.querystring);
    const raw = ctx.method === 'POST' ? hoist(inUrl, await readJsonText(ctx, bodyLimit)) : inUrl;
    const request = parseRequest(deps, type, raw);
    const caller = await callerOf(deps, ctx, request.catalog);
    const list = await listEntities(deps.engine, request, caller);
    ctx.body = { pagination: pagination(request, list, caller), termFacets: list.facets, hits: list.hits };
  };
}

/** `GET /index/{entity_type}/{entity_id}` (specification, service-api 8) */
export function entityRoute(deps: QueryDeps) {
  return async (ctx: Context, type: string, id: string): Promise<void> => {
    const request = parseRequest(deps, type, urlParameters(ctx.querystring));
    if (!uuid.test(id)) throw refusal(`${shown(id)} is not a valid UUID.`, 'Write it in lower case with hyphens.');
    const caller = await callerOf(deps, ctx, request.catalog);
    ctx.body = await findEntity(deps.engine, request, id, caller);
  };
}

/** Versions of RFC 9562, and `a`, which AnVIL gives to its bundles. */
const uuid = /^[\da-f]{8}-[\da-f]{4}-[1-8a][\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

function parseRequest(deps: QueryDeps, type: string, raw: RawParameters): EntityRequest {
  const parameters = parseParameters(entityParameters, raw);
  const catalog = catalogNamed(deps.catalogs, parameters.catalog);
  return entityRequest(catalog, entityNamed(catalog, type), parameters);
}

async function callerOf({ identify }: QueryDeps, ctx: Context, { repository }: Catalog): Promise<Caller> {
  return { sources: await callerSources(ctx, identify, repository), baseUrl: baseUrl(ctx) };
}

function pagination(request: EntityRequest, { page }: List, caller: Caller) {
  const { size, sort, order } = request.page;
  return {
    count: page.hits.length,
    total: page.total,
    size,
    next: link(request, page.next, caller),
    previous: link(request, page.previous, caller),
    pages: Math.ceil(page.total / size),
    sort: sort.name,
    order,
  };
}

function link({ catalog, entity, filters, page }: EntityRequest, cursor: Cursor | null, caller: Caller): string | null {
  if (cursor === null) return null;
  const parameters = new URLSearchParams({
    catalog: catalog.name,
    filters: JSON.stringify(filters.given),
    [cursor.parameter]: cursor.value,
    sort: page.sort.name,
    order: page.order,
    size: String(page.size),
  });
  return `${caller.baseUrl}/index/${encodeURIComponent(entity.type)}?${parameters}`;
}
