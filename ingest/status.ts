import Router from '@koa/router';
import Koa from 'koa';
import type { Consumer, ConsumerStatus } from '../streams/consumer.ts';
import type { Logger } from '../streams/logger.ts';
import type { IngestCounts, IngestMeter } from './counts.ts';
import { errorBodies, requestLog } from './http.ts';

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
export function statusApp(consumer: Pick<Consumer, 'status'>, meter: IngestMeter, logger: Logger, now: () => number) {
  const router = new Router();
  router.get('/status', (ctx) => {
    ctx.body = ingestStatus(consumer.status(), meter);
  });
  router.get('/health/basic', (ctx) => {
    ctx.body = { up: true };
  });
  const app = new Koa();
  app.silent = true;
  app.use(requestLog(quiet(logger), now));
  app.use(errorBodies(logger));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

/** Progress displays ask every second: that isn't worth a line. */
function quiet(logger: Logger): Logger {
  return {
    info: () => {},
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  };
}
