import type { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { jsonOrNothing } from '../../core/config/text.ts';
import { authorized } from '../../core/http/ask.ts';

const requestMillis = 30_000;

/**
 * Asks one of our own processes, or the search cluster, and parses the answer. None is believed for its status alone.
 *
 * @param name of whom is asked, for messages
 * @param millis for the whole answer
 * @throws LazuliError `unavailable` where nobody answers or the answer is not understood, `bad_request`
 *   where the request is refused
 */
export async function askJson<Schema extends z.ZodType>(
  name: string,
  url: string,
  schema: Schema,
  body?: unknown,
  millis = requestMillis,
): Promise<z.output<Schema>> {
  const { ok, status, text } = await send(name, url, body, millis);
  if (!ok) {
    throw new LazuliError(
      status < 500 ? 'bad_request' : 'unavailable',
      `${name} answered ${status} to ${authorized(url).href}: ${messageOf(text)}`,
      { remedy: 'Its log says more; `lazuli status` shows how it is.' },
    );
  }
  const result = schema.safeParse(jsonOrNothing(text));
  if (result.success) return result.data;
  throw new LazuliError('unavailable', `${name} answered ${authorized(url).href} with something else than expected.`, {
    remedy: 'Make sure that the whole stack is of one version, and that no other program has this port.',
    cause: result.error,
  });
}

/** @returns the whole answer: one that stalls is none */
async function send(name: string, url: string, body: unknown, millis: number) {
  const request =
    body === undefined
      ? { headers: {} }
      : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  try {
    const { href, headers } = authorized(url);
    const all = { ...headers, ...request.headers };
    const signal = AbortSignal.timeout(millis);
    const response = await fetch(href, { ...request, headers: all, signal });
    return { ok: response.ok, status: response.status, text: await response.text() };
  } catch (cause) {
    const { origin } = new URL(url);
    if ((cause as Error).name === 'TimeoutError') {
      throw new LazuliError('unavailable', `${name} has not answered within ${millis / 1000} s at ${origin}.`, {
        remedy: 'It may have too much to do: `lazuli status` shows what. Ask again later.',
        cause,
      });
    }
    throw new LazuliError('unavailable', `${name} does not answer at ${origin}.`, {
      remedy: 'Start the stack with `lazuli up`, or name the right configuration with --config or --data.',
      cause: (cause as Error).cause ?? cause,
    });
  }
}

/** The message of an error body, or the body. */
function messageOf(text: string): string {
  const body = jsonOrNothing(text);
  const message = typeof body === 'object' && body !== null && 'Message' in body ? body.Message : undefined;
  return typeof message === 'string' ? message : text.slice(0, 500);
}
