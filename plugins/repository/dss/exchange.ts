import { TooLong, wholeBody } from '../../../core/runtime/whole-body.ts';

/** A request as it is sent, once. */
export interface Sent {
  readonly url: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** of the answer's body */
  readonly maxBytes: number;
  /** for the whole answer */
  readonly millis: number;
}

/** An answer, whole, of whatever status. Redirects are answers. */
export interface Exchanged {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Uint8Array;
}

/** There is no answer, or none that can be believed: asking again may help. */
export class NoAnswer extends Error {}

/**
 * Sends a request and reads the answer. A message of an error names the host, never the parameters: they may be signed.
 *
 * @throws NoAnswer, TooLong, or the signal's reason
 */
export async function exchange(sent: Sent, signal: AbortSignal): Promise<Exchanged> {
  const { url, method = 'GET', headers = {}, body, maxBytes, millis } = sent;
  const ended = AbortSignal.any([signal, AbortSignal.timeout(millis)]);
  try {
    const content = body === undefined ? {} : { body };
    const answer = await fetch(url, { method, headers, signal: ended, redirect: 'manual', ...content });
    return { url, status: answer.status, headers: answer.headers, bytes: await wholeBody(answer, maxBytes) };
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof TooLong) throw cause;
    const why = ended.aborted ? `no whole answer within ${millis / 1000} s` : reasonOf(cause);
    throw new NoAnswer(`${new URL(url).host}: ${why}`, { cause });
  }
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code || message : message;
}
