import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { type Operation, operation } from '../../core/http/operation.ts';
import { catalogNamed } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { identityOf } from '../http/caller.ts';
import { fromRepository } from '../http/from-repository.ts';
import { catalogParameter } from '../parameters.ts';

/** A source that the caller may see is none of the catalog's. */
const inconsistent = (): LazuliError =>
  new LazuliError('repository_inconsistent', 'Inconsistent response from repository.', {
    remedy: 'Try again in a few seconds.',
  });

const sources = z.object({ sources: z.array(z.object({ sourceId: z.string(), sourceSpec: z.string() })) });

/** `GET /repository/sources`: those of a catalog that the caller may see, at this moment (specification, service-api 12) */
export function sourcesOperation({ catalogs, identify }: QueryDeps): Operation {
  return operation({
    ...{ method: 'get', path: '/repository/sources', id: 'listSources', tag: 'Repository', authenticated: true },
    summary: 'Sources of a catalog that the caller may see',
    query: z.strictObject({ catalog: catalogParameter(catalogs) }),
    refusals: ['not_found', 'unavailable'],
    answer: { description: 'The sources.', schema: sources },
    handle: async (ctx, { query }) => {
      const { repository, callers } = catalogNamed(catalogs, query.catalog);
      const accessible = await callers.now(await identityOf(ctx, identify));
      const listed = await fromRepository('which sources there are', (signal) => repository.listSources(signal));
      const shown = listed.filter(({ id }) => accessible.has(id));
      if (shown.length < accessible.size) throw inconsistent();
      return { sources: shown.map(({ id, spec }) => ({ sourceId: id, sourceSpec: spec })) };
    },
  });
}
