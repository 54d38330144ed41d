import type { Context } from '../../http/state.ts';
import type { QueryDeps } from '../deps.ts';
import { noParameters, parseParameters, urlParameters } from '../parameters.ts';

/** `GET /version` (specification, service-api 3) */
export function versionRoute({ version }: QueryDeps) {
  return (ctx: Context): void => {
    parseParameters(noParameters, urlParameters(ctx.querystring));
    ctx.body = version;
  };
}
