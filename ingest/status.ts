import Router from '@koa/router';
import type Koa from 'koa';
import { appOf, type OperatorsOptions } from '../http/app.ts';
import { basicHealth } from '../http/health-route.ts';
import type { RequestState } from '../http/state.ts';
import type { Consumer, ConsumerStatus } from '../streams/consumer.ts';
import type { IngestCounts, IngestMeter } from './counts.ts';

/** What `GET /status` of an ingest process answers. */
export interface IngestStatus {
  readonly stage: 'ingest';
  readonly shards: ConsumerStatus['shards'];
  readonly counts: IngestCounts;
  /** bundles staged a second, over the last ten */
  readonly rate: number;
  /** why nothing goes on; null where all is well */
  readonly paused: { readonly reason: string; readonly remedy: string | null; readonly since: number } | null;
}

/** Pure. */
function ingestStatus({ shards, problem }: ConsumerStatus, meter: IngestMeter): IngestStatus {
  const trouble = problem ?? shards.find((shard) => shard.problem !== null)?.problem ?? null;
  const paused =
    trouble === null
      ? null
      : { reason: `${trouble.code}: ${trouble.message}`, remedy: trouble.remedy, since: trouble.since };
  return { stage: 'ingest', shards, counts: meter.counts, rate: meter.rate, paused };
}

/** The status endpoint of an ingest process. */
export function statusApp(
  consumer: Pick<Consumer, 'status'>,
  meter: IngestMeter,
  options: OperatorsOptions,
): Koa<RequestState> {
  const router = new Router<RequestState>();
  router.get('/status', (ctx) => {
    ctx.body = ingestStatus(consumer.status(), meter);
  });
  router.get('/health/basic', basicHealth);
  return appOf(router, { ...options, audience: 'operators' });
}
