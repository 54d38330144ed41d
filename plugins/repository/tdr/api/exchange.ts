import { systemClock } from '../../../../core/runtime/clock.ts';
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
    const bytes = await bodyOf(response, maxBytes);
    return { status: response.status, retryAfter: secondsOf(response.headers.get('retry-after')), bytes };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof NoAnswer ? error : new NoAnswer(errorCodeOf(error));
  }
}

async function bodyOf(response: Response, maxBytes: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const part of response.body ?? []) {
    bytes += part.length;
    // Leaving the loop ends the connection.
    if (bytes > maxBytes) throw new NoAnswer(`it has more than ${maxBytes} bytes`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function secondsOf(header: string | null): number | null {
  if (header === null) return null;
  const seconds = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - systemClock.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : null;
}
