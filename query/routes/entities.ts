import { z } from 'zod';
import type { ErrorCode } from '../../core/config/errors.ts';
import { baseUrl } from '../../core/http/base-url.ts';
import { type Operation, operation } from '../../core/http/operation.ts';
import { printedObject } from '../../core/http/printed.ts';
import { refusal, shown } from '../../core/http/refusal.ts';
import type { Context } from '../../core/http/state.ts';
import { type Catalog, catalogNamed, entityNamed, type ServedEntity } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { callerSources } from '../http/caller.ts';
import { type EntityParameters, entityParameters } from '../parameters.ts';
import { type EntitySchemas, entitySchemas } from '../schemas/entities.ts';
import { type Caller, type EntityRequest, entityRequest, findEntity, type List, listEntities } from '../search/list.ts';
import type { Cursor } from '../search/page.ts';

/** Characters; what a pattern is tried on is bounded. */
const maxIdLength = 512;

const refusals: readonly ErrorCode[] = ['not_found', 'forbidden', 'unavailable'];

/** `/index/{entity_type}` and `/index/{entity_type}/{entity_id}` (specification, service-api 7 and 8). */
export function entityOperations(deps: QueryDeps): readonly Operation[] {
  const schemas = entitySchemas(deps.catalogs);
  const query = entityParameters(deps.catalogs, schemas);
  const of = { path: '/index/{entity_type}', tag: 'Index', query, components: schemas.filters } as const;
  const list = { ...of, authenticated: true, refusals, pathParameters: z.object(typeOf(schemas)) } as const;
  const found = { description: 'A page of hits, and facets of all hits.', schema: schemas.list };
  const answer = (ctx: Context, given: Asked) => listOf(deps, ctx, given);
  const limit = { maxBytes: deps.limits.requestBytes, remedy: 'Filter by fewer values.' };
  return [
    operation({
      ...{ ...list, method: 'get', id: 'listEntities', headId: 'checkEntities', answer: found, handle: answer },
      summary: 'Entities of a type, with facets',
    }),
    operation({
      ...{ ...list, method: 'post', id: 'listEntitiesByBody', answer: found, handle: answer, deprecated: true },
      summary: 'The same with parameters in the body',
      description:
        'Beta. For filters that are too long for a URL. Links to other pages are too long then, too: ' +
        'send the same body again, with `search_after` or `search_before` from `pagination` in it.',
      body: { kind: 'parameters', limit, description: 'Parameters. A number may be a text as it would be in a URL.' },
    }),
    operation({
      ...{ ...of, path: `${of.path}/{entity_id}`, method: 'get', id: 'getEntity', authenticated: true, refusals },
      summary: 'One entity',
      pathParameters: z.object({ ...typeOf(schemas), entity_id: entityIdOf(schemas) }),
      answer: { description: 'The hit that a list would show.', schema: schemas.hit },
      handle: async (ctx, { path: { entity_type, entity_id: id }, query: parameters }) => {
        const request = parseRequest(deps, entity_type, parameters);
        expectId(request.entity, id);
        return await findEntity(deps, request, id, await callerOf(deps, ctx, request.catalog));
      },
    }),
  ];
}

interface Asked {
  readonly path: { readonly entity_type: string };
  readonly query: EntityParameters;
}

/** What it may be depends on the catalog. */
const typeOf = ({ types }: EntitySchemas) => ({
  entity_type: z.string().meta({ description: 'Each catalog has its own.', override: { enum: [...types] } }),
});

function expectId({ type, ids }: ServedEntity, id: string): void {
  if (id.length <= maxIdLength && ids.fits(id)) return;
  if (ids.areUuids)
    throw refusal(`${shown(id)} is not a valid UUID: \`entity_id\`.`, 'Write it in lower case with hyphens.');
  throw refusal(`${shown(id)} is not a valid id of ${type}: \`entity_id\`.`, `Give one that matches ${ids.pattern}.`);
}

const entityIdOf = ({ idPatterns }: EntitySchemas) => {
  const description =
    idPatterns.length > 1 ? 'What it looks like depends on the entity type.' : 'A UUID in lower case.';
  return z.string().meta({ description, override: { pattern: idPatterns.join('|') } });
};

async function listOf(deps: QueryDeps, ctx: Context, { path, query }: Asked) {
  const request = parseRequest(deps, path.entity_type, query);
  const caller = await callerOf(deps, ctx, request.catalog);
  const list = await listEntities(deps, request, caller);
  const pages = pagination(request, list, caller);
  const cursors = cursorsOf(list, { ...pages, longest: caller.baseUrl.length + deps.limits.urlBytes });
  return printedObject({ pagination: { ...pages, ...cursors }, termFacets: list.facets, hits: list.hits });
}

function parseRequest(deps: QueryDeps, type: string, parameters: EntityParameters): EntityRequest {
  const catalog = catalogNamed(deps.catalogs, parameters.catalog);
  return entityRequest(catalog, entityNamed(catalog, type), parameters);
}

async function callerOf({ identify }: QueryDeps, ctx: Context, catalog: Catalog): Promise<Caller> {
  return { sources: await callerSources(ctx, identify, catalog), baseUrl: baseUrl(ctx), signal: ctx.state.signal };
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

/** Places of other pages that no URL can lead to, as members for the body of a POST. */
function cursorsOf({ page }: List, links: { next: string | null; previous: string | null; longest: number }) {
  const found = [
    { link: links.next, cursor: page.next },
    { link: links.previous, cursor: page.previous },
  ].filter(({ link }) => link !== null && link.length > links.longest);
  return Object.fromEntries(found.flatMap(({ cursor }) => (cursor === null ? [] : [[cursor.parameter, cursor.value]])));
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
