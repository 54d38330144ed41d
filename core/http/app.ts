import type Router from '@koa/router';
import Koa from 'koa';
import type { Registry } from 'prom-client';
import type { Logger } from '../runtime/logger.ts';
import { accessLog } from './access-log.ts';
import { awaited } from './awaited.ts';
import { compression } from './compression.ts';
import { conditional } from './conditional.ts';
import { answerErrors, type ErrorOptions, refuseUnrouted } from './errors.ts';
import { headersFor, preflight, withHeaders } from './headers.ts';
import { oneHost } from './host.ts';
import { jsonBody } from './json-body.ts';
import { operatorsOnly } from './operators.ts';
import { outgoing } from './outgoing.ts';
import { requestId } from './request-id.ts';
import { requestMetrics } from './request-metrics.ts';
import type { Audience, RequestState } from './state.ts';
import { urlLimit } from './url-limit.ts';

/** What makes an application of routes. */
export interface AppOptions extends ErrorOptions {
  readonly logger: Logger;
  readonly urlBytes: number;
  readonly audience: Audience;
  /** of a server for operators: names by which it is asked, beside `localhost` and addresses */
  readonly hosts?: ReadonlySet<string>;
  /** where requests are counted and timed; absent: nowhere */
  readonly metrics?: Registry;
  /** what to do about a URL that is too long */
  readonly longUrlRemedy?: string;
  /** that answers may take; absent: as long as callers wait */
  readonly answerMillis?: number;
}

/** What a server for operators is made with. */
export type OperatorsOptions = Required<Pick<AppOptions, 'logger' | 'urlBytes' | 'hosts'>>;

/** Routes as a Koa application, without a port, with all that is the same for every server of ours. */
export function appOf(router: Router<RequestState>, options: AppOptions): Koa<RequestState> {
  const { logger, audience, metrics, hosts = new Set() } = options;
  const headers = headersFor(audience);
  const app = new Koa<RequestState>();
  answerErrors(app, headers, options);
  app.use(requestId(logger));
  if (audience === 'everyone') app.use(accessLog);
  if (metrics !== undefined) app.use(requestMetrics(metrics));
  app.use(withHeaders(headers));
  app.use(outgoing());
  app.use(awaited(options.answerMillis));
  app.use(compression());
  app.use(jsonBody);
  app.use(conditional);
  app.use(oneHost);
  if (audience === 'operators') app.use(operatorsOnly(hosts));
  app.use(urlLimit(options.urlBytes, options.longUrlRemedy));
  app.use(refuseUnrouted(options.unknownPathRemedy));
  if (audience === 'everyone') app.use(preflight);
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}
