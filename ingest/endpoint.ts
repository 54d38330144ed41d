import Router from '@koa/router';
import type Koa from 'koa';
import { LazuliError } from '../config/errors.ts';
import type { Settings } from '../config/settings.ts';
import { appOf } from '../http/app.ts';
import { readBody, requireJson } from '../http/body.ts';
import type { HealthChecks } from '../http/health.ts';
import { healthRoute } from '../http/health-route.ts';
import type { Context, RequestState } from '../http/state.ts';
import type { Version } from '../http/version.ts';
import type { Logger } from '../streams/logger.ts';
import type { HmacKey } from './hmac-key.ts';
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
  readonly version: Version;
  readonly limits: Pick<Settings['limits'], 'requestBytes' | 'urlBytes'>;
  readonly logger: Logger;
  /** milliseconds since the epoch */
  readonly now: () => number;
}

/**
 * The indexer's REST API: `POST /{catalog}/{add|delete}` takes notifications (specification, indexing
 * 4.1–4.2); `/health`, `/health/{basic,fast,cached,<keys>}` and `/version` as in service API 3 and 4.
 */
export function indexerApp(deps: IndexerDeps): Koa<RequestState> {
  const router = new Router<RequestState>();
  const health = healthRoute(deps.health);
  router.get('/version', (ctx) => {
    ctx.body = deps.version;
  });
  router.get('/health', (ctx) => health(ctx, undefined));
  router.get('/health/:keys', (ctx) => health(ctx, ctx.params.keys));
  router.post('/:catalog/:action', (ctx) => notify(ctx, deps, ctx.params.catalog ?? '', ctx.params.action ?? ''));
  return appOf(router, { logger: deps.logger, urlBytes: deps.limits.urlBytes, audience: 'everyone' });
}

async function notify(ctx: Context, deps: IndexerDeps, catalog: string, action: string): Promise<void> {
  if (ctx.get('Signature') === '') throw new LazuliError('unauthorized', '');
  const body = await readBody(ctx, { maxBytes: deps.limits.requestBytes });
  const { method, headers, url: target } = ctx.req;
  await verifySignature(
    { method: method ?? '', target: target ?? '', headers: headers as Record<string, string>, body },
    deps.key,
    deps.now(),
  );
  requireJson(ctx);
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
