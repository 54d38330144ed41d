import type Koa from 'koa';
import type { Registry } from 'prom-client';
import type { OperatorsOptions } from '../http/app.ts';
import { operation } from '../http/operation.ts';
import { type OperatorsApi, operatorsApp, operatorsTag } from '../http/operators-app.ts';
import type { RequestState } from '../http/state.ts';

/** What the port has that Prometheus reads. */
export const metricsApi = (registry: Pick<Registry, 'metrics' | 'contentType'>): OperatorsApi => ({
  title: 'Lazuli metrics',
  description: 'Metrics of the service, for Prometheus.',
  operations: [
    operation({
      ...{ method: 'get', path: '/metrics', id: 'getMetrics', tag: operatorsTag },
      summary: 'How busy the service is, and how far the pipeline',
      answer: { description: 'In the format of Prometheus.', mediaType: 'text/plain' },
      respond: async (ctx) => {
        ctx.body = await registry.metrics();
        ctx.set('Content-Type', registry.contentType);
      },
    }),
  ],
});

/**
 * The endpoint that Prometheus reads, for operators: `GET /metrics`. It has a port of its own, as metrics tell
 * how busy a service is and by what, which is not for everyone.
 */
export const metricsApp = (registry: Registry, options: OperatorsOptions): Koa<RequestState> =>
  operatorsApp(metricsApi(registry), options);
