import type { z } from 'zod';
import { LazuliError } from '../config/errors.ts';
import { jsonOrNothing } from '../config/text.ts';
import { authorized } from './ask.ts';
import { errorBody } from './errors.ts';

const requestMillis = 30_000;

/** An answer other than success: `bad_request` where the request is refused, `unavailable` where it fails. */
export class Refused extends LazuliError {
  readonly answered: number;
  /** what the body says where it is an error of ours; else null */
  readonly told: string | null;

  constructor(name: string, url: string, answered: number, text: string) {
    const told = messageOf(text);
    const code = answered < 500 ? 'bad_request' : 'unavailable';
    super(code, `${name} answered ${answered} to ${authorized(url).href}: ${told ?? text.slice(0, 500)}`, {
      remedy: 'Its log says more; `lazuli status` shows how it is.',
    });
    this.answered = answered;
    this.told = told;
  }
}

/**
 * Asks one of our own processes, or the search cluster, and parses the answer. None is believed for its status alone.
 *
 * @param name of whom is asked, for messages
 * @param millis for the whole answer
 * @throws LazuliError `unavailable` where nobody answers or the answer is not understood
 * @throws Refused where the answer is not success
 */
export async function askJson<Schema extends z.ZodType>(
  name: string,
  url: string,
  schema: Schema,
  body?: unknown,
  millis = requestMillis,
): Promise<z.output<Schema>> {
  const { ok, status, text } = await send(name, url, body, millis);
  if (!ok) throw new Refused(name, url, status, text);
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

function messageOf(text: string): string | null {
  return errorBody.safeParse(jsonOrNothing(text)).data?.Message ?? null;
}
