import type Koa from 'koa';
import { LazuliError } from '../core/config/errors.ts';
import type { Settings } from '../core/config/settings.ts';
import type { HealthChecks } from '../core/health/health.ts';
import { healthOperations } from '../core/health/health-operations.ts';
import { healthRoute } from '../core/health/health-route.ts';
import { appOf } from '../core/http/app.ts';
import { withDocumentation } from '../core/http/documentation/operations.ts';
import { type Operation, operation } from '../core/http/operation.ts';
import { routerOf } from '../core/http/router.ts';
import type { Context, RequestState } from '../core/http/state.ts';
import type { Version } from '../core/http/version.ts';
import { versionOperation } from '../core/http/version-operation.ts';
import type { Logger } from '../core/runtime/logger.ts';
import type { Answer } from './answered.ts';
import { type CallbacksOf, callbackRecord, secretsFor } from './callback.ts';
import { indexerDescription, notificationBody, notificationPath } from './description.ts';
import type { NotificationRecord } from './notification.ts';
import { bundleVersionOf, parseRequest, recordData } from './request.ts';
import { runOperations } from './run-operations.ts';
import type { AskOwner } from './runs.ts';
import { answerCallback, answerSigned, isCallback, type SigningDeps } from './signed.ts';
import type { Undeletions } from './undeletions.ts';

/** Puts one record to the stream `notifications`; resolves when the stream has acknowledged it. */
export type PutNotification = (partitionKey: string, data: Uint8Array) => Promise<void>;

/** What the endpoint needs of the world. */
export interface IndexerDeps extends SigningDeps {
  readonly put: PutNotification;
  /** gives deletions and undeletions their numbers */
  readonly undeletions: Pick<Undeletions, 'number'>;
  readonly runs: AskOwner;
  /** how the repository of a catalog reports changes */
  readonly callbacksOf: CallbacksOf;
  readonly health: HealthChecks;
  readonly defaultCatalog: string;
  readonly version: Version;
  readonly limits: Pick<Settings['limits'], 'requestBytes' | 'signatureMillis' | 'urlBytes'>;
  readonly logger: Logger;
}

/** Checks that monitoring may run every minute. */
const fastKeys = ['elasticsearch', 'queues', 'progress'];

/**
 * The indexer's REST API: `POST /{catalog}/{add|delete}` takes notifications (specification, indexing
 * 4.1–4.2); `/runs/…` is about reindexing; health, version and documentation as in service API 3 and 4.
 */
export function indexerApp(deps: IndexerDeps): Koa<RequestState> {
  const operations = withDocumentation(indexerOperations(deps), indexerDescription);
  return appOf(routerOf(operations), { logger: deps.logger, urlBytes: deps.limits.urlBytes, audience: 'everyone' });
}

/** The operations of the indexer (specification, service-api 14). */
export function indexerOperations(deps: IndexerDeps): readonly Operation[] {
  return [
    operation({
      ...{ method: 'post', path: '/{catalog}/{action}', id: 'notify', tag: 'Notifications' },
      summary: 'Says that a bundle was added or deleted, or that a deletion was a mistake',
      description:
        'Signed (RFC 9421, HMAC-SHA-256) over `@method`, `@path` and `content-digest`. Sent again with the same ' +
        'signature it is answered as before, and nothing is done. `lazuli bundle` does all of it. A data store that ' +
        '`lazuli subscribe` has subscribed at signs its callbacks in its own way, and sends what it has to say.',
      pathParameters: notificationPath,
      body: { kind: 'json', schema: notificationBody, description: 'The bundle.' },
      refusals: ['unauthorized', 'unavailable'],
      answer: { status: 202, description: 'The notification is queued.' },
      respond: (ctx, { path }) => (isCallback(ctx) ? called : notified)(ctx, deps, path.catalog, path.action),
    }),
    ...runOperations({
      runs: deps.runs,
      signed: (ctx, act) => answerSigned(ctx, deps, act),
    }),
    ...healthOperations(healthRoute({ checks: deps.health, fastKeys, defaultCatalog: deps.defaultCatalog })),
    versionOperation(deps.version),
  ];
}

async function notified(ctx: Context, deps: IndexerDeps, catalog: string, action: string): Promise<void> {
  await answerSigned(ctx, deps, (body) => queued(deps, parseRequest(catalog, action, body)));
}

async function called(ctx: Context, deps: IndexerDeps, catalog: string, action: string): Promise<void> {
  await answerCallback(ctx, deps, secretsFor(catalog, action), async (body) => {
    const record = await callbackRecord(deps.callbacksOf, catalog, action, body);
    // Whatever isn't a success is sent again, for days.
    return record === null ? accepted : queued(deps, record);
  });
}

const accepted: Answer = { status: 202, body: '' };

async function queued(deps: IndexerDeps, record: NotificationRecord): Promise<Answer> {
  const bundle = bundleVersionOf(record);
  const number = await acknowledged(() => deps.undeletions.number(record.action, bundle));
  const data = recordData({ ...record, number });
  await acknowledged(() => deps.put(bundle.uuid, data));
  return accepted;
}

/** Nothing is accepted that stream and staging don't hold (invariant 3). */
async function acknowledged<T>(put: () => Promise<T>): Promise<T> {
  try {
    return await put();
  } catch (cause) {
    throw new LazuliError('unavailable', 'The notification could not be queued; try again.', { cause });
  }
}
