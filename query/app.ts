import type Koa from 'koa';
import { appOf } from '../core/http/app.ts';
import { withDocumentation } from '../core/http/documentation/operations.ts';
import { routerOf } from '../core/http/router.ts';
import type { RequestState } from '../core/http/state.ts';
import type { QueryDeps } from './deps.ts';
import { serviceDescription } from './description.ts';
import { serviceOperations } from './operations.ts';

/**
 * From a request up to its answer, with all waiting, searching and repeating in between: less than gateways in front wait, of which
 * some give up after 29 s.
 */
const answerMillis = 25_000;

/** The service as a Koa application, without a port. */
export function createApp(deps: QueryDeps): Koa<RequestState> {
  return appOf(routerOf(withDocumentation(serviceOperations(deps), serviceDescription, deps.signIn)), {
    logger: deps.logger,
    urlBytes: deps.limits.urlBytes,
    answerMillis,
    audience: 'everyone',
    ...(deps.metrics === undefined ? {} : { metrics: deps.metrics }),
    challenge: 'Bearer',
    unknownPathRemedy: 'The list of catalogs and entity types is at /index/catalogs.',
    longUrlRemedy: 'Send parameters such as `filters` in the body of a POST.',
  });
}
