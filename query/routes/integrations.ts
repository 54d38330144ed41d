import { z } from 'zod';
import { type Operation, operation } from '../../core/http/operation.ts';
import { catalogNamed } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { fromRepository } from '../http/from-repository.ts';
import { integrationsOf, parseIds } from '../integrations.ts';

const parameters = z.strictObject({
  entity_type: z.string().meta({ examples: ['file'] }),
  integration_type: z.string().meta({ examples: ['get_manifest'] }),
  entity_ids: z.string().optional().meta({ description: 'Ids, with commas between them.' }),
});

const integration = z.looseObject({
  integration_type: z.string(),
  entity_type: z.string(),
  entity_ids: z.array(z.string()).optional().meta({ description: 'The only entities that it is for.' }),
});
const portals = z.array(z.looseObject({ integrations: z.array(integration) }));

/** `GET /integrations`: what portals can do with entities (specification, service-api 5). */
export function integrationsOperation({ catalogs }: QueryDeps): Operation {
  return operation({
    ...{ method: 'get', path: '/integrations', id: 'listIntegrations', tag: 'Auxiliary' },
    summary: 'Portals that entities can be sent to',
    query: parameters,
    refusals: ['unavailable'],
    answer: { description: 'Portals, each with its integrations that match.', schema: portals },
    handle: async (_ctx, { query: { entity_ids, ...types } }) => {
      const { repository } = catalogNamed(catalogs, undefined);
      const known = await fromRepository('which portals there are', async (signal) => repository.listPortals?.(signal));
      return integrationsOf(known ?? [], { ...types, entityIds: parseIds(entity_ids) });
    },
  });
}
