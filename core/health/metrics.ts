import Router from '@koa/router';
import type Koa from 'koa';
import type { Registry } from 'prom-client';
import { appOf, type OperatorsOptions } from '../http/app.ts';
import type { RequestState } from '../http/state.ts';
import { basicHealth } from './health-route.ts';

/**
 * The endpoint that Prometheus reads, for operators: `GET /metrics`. It has a port of its own, as metrics tell
 * how busy a service is and by what, which is not for everyone.
 */
export function metricsApp(registry: Registry, options: OperatorsOptions): Koa<RequestState> {
  const router = new Router<RequestState>();
  router.get('/metrics', async (ctx) => {
    ctx.body = await registry.metrics();
    ctx.set('Content-Type', registry.contentType);
  });
  router.get('/health/basic', basicHealth);
  return appOf(router, { ...options, audience: 'operators' });
}
