import { z } from 'zod';
import type { Context } from '../../http/state.ts';
import { parseParameters, urlParameters } from '../parameters.ts';

const parameters = z.strictObject({
  entity_type: z.string(),
  integration_type: z.string(),
  entity_ids: z.string().optional(),
});

/** `GET /integrations` (specification, service-api 5): no repository plug-in knows of portals yet. */
export function integrationsRoute(ctx: Context): void {
  parseParameters(parameters, urlParameters(ctx.querystring));
  ctx.body = [];
}
