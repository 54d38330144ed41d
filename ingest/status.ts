import Router from '@koa/router';
import type Koa from 'koa';
import type { LazuliError } from '../core/config/errors.ts';
import { basicHealth } from '../core/health/health-route.ts';
import { appOf, type OperatorsOptions } from '../core/http/app.ts';
import type { RequestState } from '../core/http/state.ts';
import { type Consumer, type ConsumerStatus, troubleOf } from '../core/streams/consumer.ts';
import type { IngestCounts, IngestMeter } from './counts.ts';

/** What `GET /status` of an ingest process answers. */
export interface IngestStatus {
  readonly stage: 'ingest';
  readonly shards: ConsumerStatus['shards'];
  readonly counts: IngestCounts;
  /** bundles staged a second, over the last ten */
  readonly rate: number;
  /** by catalog, why it isn't worked on */
  readonly refused: Readonly<Record<string, string>>;
  /** why nothing goes on; null where all is well */
  readonly paused: { readonly reason: string; readonly remedy: string | null; readonly since: number } | null;
}

type Refused = ReadonlyMap<string, LazuliError>;

/** Pure. */
function ingestStatus({ shards, problem }: ConsumerStatus, meter: IngestMeter, refused: Refused): IngestStatus {
  const trouble = troubleOf({ shards, problem });
  const paused =
    trouble === null
      ? null
      : { reason: `${trouble.code}: ${trouble.message}`, remedy: trouble.remedy, since: trouble.since };
  const reasons = [...refused].map(([catalog, { message }]) => [catalog, message] as const);
  const { counts, rate } = meter;
  return { stage: 'ingest', shards, counts, rate, refused: Object.fromEntries(reasons), paused };
}

/** The status endpoint of an ingest process. */
export function statusApp(
  consumer: Pick<Consumer, 'status'>,
  meter: IngestMeter,
  refused: Refused,
  options: OperatorsOptions,
): Koa<RequestState> {
  const router = new Router<RequestState>();
  router.get('/status', (ctx) => {
    ctx.body = ingestStatus(consumer.status(), meter, refused);
  });
  router.get('/health/basic', basicHealth);
  return appOf(router, { ...options, audience: 'operators' });
}
