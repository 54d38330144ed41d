import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { isUnheard } from '../../../core/config/loopback.ts';
import { jsonOrNothing } from '../../../core/config/text.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { inTime } from '../../../core/runtime/deadline.ts';
import { TooLong, wholeBody } from '../../../core/runtime/whole-body.ts';

/** Less than a caller waits for being identified, so that the error says who didn't answer. */
const answerMillis = 4_000;
/** Keys, discovery documents and claims are some kilobytes. */
const maxBytes = 2 ** 20;

/** Where tokens and keys may go to and come from: HTTPS, but for this very machine. */
export const endpoint = z.url().refine(isSafe, {
  error: 'must be an https URL without credentials and fragment; http is for 127.0.0.1 alone',
});

function isSafe(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return isUnheard(url);
}

/** What a provider answered, of whatever status. */
export interface ProviderAnswer {
  readonly status: number;
  /** undefined where the body is no JSON */
  readonly json: unknown;
}

/**
 * Asks a provider once, follows no redirect, and reads 1 MiB at most. A URL may hold a token: no error names more of it than
 * the host.
 *
 * @param form sent by POST; absent: GET
 * @throws LazuliError `unavailable` where no whole answer comes in time or the provider fails, `too_many_requests`
 */
export async function askProvider(
  url: URL,
  headers: Readonly<Record<string, string>> = {},
  form?: URLSearchParams,
): Promise<ProviderAnswer> {
  const late = () => new Error(`no answer within ${answerMillis} ms`);
  const sent = form === undefined ? {} : { method: 'POST', body: form };
  const answer = await inTime({ clock: systemClock, millis: answerMillis, late }, async (signal) => {
    const response = await fetch(url, {
      ...sent,
      headers: { accept: 'application/json', ...headers },
      redirect: 'error',
      signal,
    });
    return { status: response.status, json: jsonOrNothing(await wholeBody(response, maxBytes)) };
  }).catch((cause: unknown) => {
    throw unavailable(url, whyOf(cause));
  });
  if (answer.status === 429) {
    throw new LazuliError('too_many_requests', `Maximum request rate exceeded for ${url.host}.`, {
      remedy: 'Try again in a few seconds.',
    });
  }
  if (answer.status >= 500) throw unavailable(url, `it answers ${answer.status}`);
  return answer;
}

/** The provider can't say whether a token is valid: nobody is let in. @param why for the log */
export function unavailable({ host }: URL, why: string): LazuliError {
  return new LazuliError('unavailable', `Tokens can't be checked at the moment: ${host} doesn't say what they are.`, {
    remedy: 'Try again in a few seconds, or call anonymously.',
    cause: new Error(`${host}: ${why}`),
  });
}

/** `fetch` puts the reason into the cause; its own message may hold the URL. */
function whyOf(cause: unknown): string {
  if (cause instanceof TooLong) return `it answers with ${cause.message}`;
  const { cause: inner } = cause as Error;
  if (inner instanceof Error) return (inner as NodeJS.ErrnoException).code ?? inner.name;
  return cause instanceof TypeError ? cause.name : (cause as Error).message;
}
