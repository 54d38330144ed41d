import Router from '@koa/router';
import Koa, { type Context } from 'koa';
import { LazuliError } from '../config/errors.ts';
import type { Settings } from '../config/settings.ts';
import type { Logger } from '../streams/logger.ts';
import { checkHealth, type HealthChecks } from './health.ts';
import type { HmacKey } from './hmac-key.ts';
import { errorBodies, limitUrl, readBody, requestLog } from './http.ts';
import { encodeNotification } from './notification.ts';
import { checkRecordSize, parseRequest } from './request.ts';
import { verifySignature } from './verify.ts';

/** Puts one record to the stream `notifications`; resolves when the stream has acknowledged it. */
export type PutNotification = (partitionKey: string, data: Uint8Array) => Promise<void>;

/** What the endpoint needs of the world. */
export interface IndexerDeps {
  readonly key: HmacKey;
  readonly put: PutNotification;
  readonly health: HealthChecks;
  readonly version: { readonly commit: string; readonly dirty: boolean };
  readonly limits: Pick<Settings['limits'], 'requestBytes' | 'urlBytes'>;
  readonly logger: Logger;
  /** milliseconds since the epoch */
  readonly now: () => number;
}

/**
 * The indexer's REST API: `POST /{catalog}/{add|delete}` takes notifications (specification, indexing
 * 4.1–4.2); `/health`, `/health/basic`, `/health/{keys}` and `/version` as in service API 3 and 4.
 */
export function indexerApp(deps: IndexerDeps): Koa {
  const router = new Router();
  router.get('/version', (ctx) => {
    ctx.body = { git: deps.version, changes: [] };
  });
  router.get('/health', (ctx) => health(ctx, deps, 'all'));
  router.get('/health/basic', (ctx) => {
    ctx.body = { up: true };
  });
  router.get('/health/fast', (ctx) => health(ctx, deps, 'all'));
  router.get('/health/:keys', (ctx) => health(ctx, deps, ctx.params.keys ?? ''));
  router.post('/:catalog/:action', (ctx) => notify(ctx, deps, ctx.params.catalog ?? '', ctx.params.action ?? ''));
  const app = new Koa();
  app.silent = true;
  app.use(requestLog(deps.logger, deps.now));
  app.use(errorBodies(deps.logger));
  app.use(limitUrl(deps.limits.urlBytes));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

async function health(ctx: Context, deps: IndexerDeps, keys: string): Promise<void> {
  const report = await checkHealth(deps.health, keys);
  ctx.status = report.up ? 200 : 503;
  ctx.body = report;
}

async function notify(ctx: Context, deps: IndexerDeps, catalog: string, action: string): Promise<void> {
  if (ctx.get('Signature') === '') throw new LazuliError('unauthorized', '');
  const body = await readBody(ctx, deps.limits.requestBytes);
  const { method, headers, url: target } = ctx.req;
  await verifySignature(
    { method: method ?? '', target: target ?? '', headers: headers as Record<string, string>, body },
    deps.key,
    deps.now(),
  );
  if (ctx.get('Content-Type') !== '' && !ctx.is('application/json')) {
    throw new LazuliError('unsupported_media_type', `Unsupported media type: ${ctx.get('Content-Type')}`);
  }
  const record = parseRequest(catalog, action, body);
  const data = encodeNotification(record);
  checkRecordSize(data);
  await acknowledged(() => deps.put(record.notification.bundle_fqid.uuid, data));
  ctx.status = 202;
  ctx.body = '';
}

/** Nothing is accepted that the stream doesn't hold (invariant 3). */
async function acknowledged(put: () => Promise<void>): Promise<void> {
  try {
    await put();
  } catch (cause) {
    throw new LazuliError('unavailable', 'The notification could not be queued; try again.', { cause });
  }
}
