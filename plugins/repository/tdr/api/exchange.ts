import { systemClock } from '../../../../core/runtime/clock.ts';
import { TooLong, wholeBody } from '../../../../core/runtime/whole-body.ts';
import { errorCodeOf } from './failures.ts';

/** What is asked of a service. */
export interface Question {
  readonly url: string;
  readonly method?: 'GET' | 'POST';
  /** body of a POST */
  readonly json?: object;
  /** value of the header; absent where the URL itself is the permission */
  readonly authorization?: string | undefined;
}

/** What was answered, whatever it is. */
export interface Answered {
  readonly status: number;
  /** seconds; null where the service doesn't say */
  readonly retryAfter: number | null;
  readonly bytes: Uint8Array;
}

/** There was no whole answer. Its message says why and names no URL. */
export class NoAnswer extends Error {}

/**
 * Asks once, follows no redirect, and reads a bounded body.
 *
 * @throws NoAnswer, or the reason of the signal
 */
export async function exchange(
  { url, method = 'GET', json, authorization }: Question,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Answered> {
  try {
    const headers = {
      accept: 'application/json',
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(authorization === undefined ? {} : { authorization }),
    };
    const body = method === 'POST' ? { body: json === undefined ? '' : JSON.stringify(json) } : {};
    const response = await fetch(url, { method, headers, signal, redirect: 'manual', ...body });
    const bytes = await wholeBody(response, maxBytes);
    return { status: response.status, retryAfter: secondsOf(response.headers.get('retry-after')), bytes };
  } catch (error) {
    signal.throwIfAborted();
    throw new NoAnswer(error instanceof TooLong ? `it has ${error.message}` : errorCodeOf(error));
  }
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function secondsOf(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - systemClock.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
