import { type Operation, operation } from '../../core/http/operation.ts';
import { catalogNamed } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { callerSources } from '../http/caller.ts';
import { summaryParameters } from '../parameters.ts';
import { entitySchemas } from '../schemas/entities.ts';
import { summarySchema } from '../schemas/summary.ts';
import { summarize, summaryRequest } from '../summary/summary.ts';

/** `GET|HEAD /index/summary` (specification, service-api 9) */
export function summaryOperation({ catalogs, engine, serving, identify }: QueryDeps): Operation {
  const schemas = entitySchemas(catalogs);
  return operation({
    ...{ method: 'get', path: '/index/summary', id: 'getSummary', headId: 'checkSummary', tag: 'Index' },
    summary: 'Counts over all documents that match',
    query: summaryParameters(catalogs, schemas),
    components: schemas.filters,
    authenticated: true,
    refusals: ['not_found', 'forbidden', 'unavailable'],
    answer: { description: 'The counts.', schema: summarySchema(catalogs) },
    handle: async (ctx, { query }) => {
      const catalog = catalogNamed(catalogs, query.catalog);
      const request = summaryRequest(catalog, query.filters);
      const sources = await callerSources(ctx, identify, catalog);
      return await summarize({ engine, serving, signal: ctx.state.signal }, request, sources);
    },
  });
}
