import type Router from '@koa/router';
import Koa from 'koa';
import type { Registry } from 'prom-client';
import type { Logger } from '../streams/logger.ts';
import { accessLog } from './access-log.ts';
import { compression } from './compression.ts';
import { conditional } from './conditional.ts';
import { type ErrorOptions, errorBodies } from './errors.ts';
import { crossOrigin, securityHeaders } from './headers.ts';
import { jsonBody } from './json-body.ts';
import { requestId } from './request-id.ts';
import { requestMetrics } from './request-metrics.ts';
import type { RequestState } from './state.ts';
import { urlLimit } from './url-limit.ts';

/** What makes an application of routes. */
export interface AppOptions extends ErrorOptions {
  readonly logger: Logger;
  readonly urlBytes: number;
  /**
   * `operators`: people and processes of our own on this host, who need no credentials. So pages of
   * other origins may not call; and as progress displays ask every second, calls are not logged.
   */
  readonly audience: 'everyone' | 'operators';
  /** where requests are counted and timed; absent: nowhere */
  readonly metrics?: Registry;
  /** what to do about a URL that is too long */
  readonly longUrlRemedy?: string;
}

/** Routes as a Koa application, without a port, with all that is the same for every server of ours. */
export function appOf(router: Router<RequestState>, options: AppOptions): Koa<RequestState> {
  const { logger, audience, metrics } = options;
  const app = new Koa<RequestState>();
  app.use(requestId(logger));
  if (audience === 'everyone') app.use(accessLog);
  if (metrics !== undefined) app.use(requestMetrics(metrics));
  app.use(securityHeaders);
  if (audience === 'everyone') app.use(crossOrigin);
  app.use(compression());
  app.use(jsonBody);
  app.use(conditional);
  app.use(errorBodies(options));
  app.use(urlLimit(options.urlBytes, options.longUrlRemedy));
  app.use(router.routes());
  app.use(router.allowedMethods());
  app.on('error', (error: unknown) => logger.error({ err: error }, 'answer not sent'));
  return app;
}
