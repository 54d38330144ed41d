import { randomUUID } from 'node:crypto';
import { LazuliError } from '../core/config/errors.ts';
import type { BundleFqid } from '../core/model/bundle.ts';
import { fullJitter } from '../core/runtime/backoff.ts';
import { systemClock } from '../core/runtime/clock.ts';
import type { Clock } from '../core/runtime/ports.ts';
import type { Action } from '../core/staged/layout.ts';
import type { HmacKey } from './hmac-key.ts';
import { signRequest } from './sign.ts';

/** What to notify an indexer of. */
export interface BundleNotification {
  readonly action: Action;
  readonly fqid: BundleFqid;
}

/** Which indexer to notify, and how; by default 16 in parallel and four attempts. */
export interface NotifyOptions {
  /** of the indexer */
  readonly url: string;
  readonly key: HmacKey;
  readonly catalog: string;
  /** called after each that was accepted */
  readonly onAccepted?: (notification: BundleNotification) => void;
  readonly parallel?: number;
  readonly attempts?: number;
  /** when so many weren't accepted, no others are sent; default: never */
  readonly giveUpAfter?: number;
  readonly clock?: Clock;
}

/** A notification that wasn't accepted, and why. */
export interface Unsent {
  readonly notification: BundleNotification;
  readonly reason: LazuliError;
}

const requestMillis = 20_000;
const backoff = { baseMillis: 500, capMillis: 10_000 };

/**
 * Notifies an indexer of bundles: 16 at a time, four attempts each (specification, indexing 4.3).
 *
 * @returns those that weren't accepted
 */
export async function notifyAll(
  notifications: Iterable<BundleNotification> | AsyncIterable<BundleNotification>,
  options: NotifyOptions,
): Promise<readonly Unsent[]> {
  const unsent: Unsent[] = [];
  const queue = iterate(notifications);
  const { giveUpAfter = Number.POSITIVE_INFINITY } = options;
  const work = async (): Promise<void> => {
    for (let next = await queue.next(); !next.done; next = await queue.next()) {
      if (unsent.length >= giveUpAfter) return;
      const reason = await notify(next.value, options);
      if (reason === null) options.onAccepted?.(next.value);
      else unsent.push({ notification: next.value, reason });
    }
  };
  await Promise.all(Array.from({ length: options.parallel ?? 16 }, work));
  return unsent;
}

/** An async generator hands its values out one after the other, whoever asks. */
async function* iterate<T>(items: Iterable<T> | AsyncIterable<T>): AsyncGenerator<T> {
  yield* items;
}

/** @returns null when it was accepted, else why it wasn't */
async function notify(notification: BundleNotification, options: NotifyOptions): Promise<LazuliError | null> {
  const { attempts = 4, clock = systemClock } = options;
  for (let attempt = 1; ; attempt++) {
    const outcome = await post(notification, options, clock.now());
    if (outcome === 'accepted') return null;
    if (outcome.final || attempt >= attempts) return outcome.reason;
    await clock.sleep(Math.max(outcome.retryAfter, fullJitter(attempt, backoff)));
  }
}

interface Refusal {
  readonly reason: LazuliError;
  /** whether another attempt is of no use */
  readonly final: boolean;
  /** milliseconds */
  readonly retryAfter: number;
}

async function post(
  { action, fqid: { source, uuid, version } }: BundleNotification,
  { url, key, catalog }: NotifyOptions,
  now: number,
): Promise<'accepted' | Refusal> {
  const target = `${url}/${encodeURIComponent(catalog)}/${action}`;
  const notification = { transaction_id: randomUUID(), bundle_fqid: { uuid, version, source } };
  const body = Buffer.from(JSON.stringify(notification), 'utf8');
  try {
    const signature = await signRequest(key, { method: 'POST', url: target, body, created: now });
    const response = await fetch(target, {
      method: 'POST',
      headers: { ...signature, 'Content-Type': 'application/json' },
      body,
      signal: AbortSignal.timeout(requestMillis),
    });
    const text = await response.text();
    return response.status === 202 ? 'accepted' : refused(response, text);
  } catch (cause) {
    return unreachable(url, cause);
  }
}

/** Answers that would stay the same are final. */
function refused({ status, headers }: Response, text: string): Refusal {
  const retryAfter = Number(headers.get('Retry-After') ?? 0) * 1000;
  const final = status >= 400 && status < 500 && status !== 429;
  const message = `The indexer answered ${status}: ${text.slice(0, 500)}`;
  const reason = new LazuliError(final ? 'bad_request' : 'unavailable', message, {
    remedy: status === 401 ? 'Use the key of this indexer (`hmacKeyFile`), and set the clock.' : 'Try again later.',
  });
  return { reason, final, retryAfter: Math.min(retryAfter || 0, backoff.capMillis) };
}

function unreachable(url: string, cause: unknown): Refusal {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
  const reason = new LazuliError('unavailable', `The indexer at ${url} can't be reached: ${inner}`, {
    remedy: 'Start it, or name another one.',
    cause,
  });
  return { reason, final: false, retryAfter: 0 };
}
