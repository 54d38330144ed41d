import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { jsonOrNothing } from '../../core/config/text.ts';
import { errorBody } from '../../core/http/errors.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import type { Token } from './token.ts';

/** A service that is asked, and for whom. */
export interface Service {
  /** without a slash at the end */
  readonly url: string;
  /** asked before each request, as tokens end; null: nobody in particular */
  readonly token: () => Promise<Token | null>;
  readonly clock: Clock;
  /** the command is to end */
  readonly signal: AbortSignal;
}

export interface Request {
  readonly url: string;
  readonly method?: 'GET' | 'PUT';
  readonly body?: object;
  /** whether it has answered before: then it is given time to come back */
  readonly isKnown: boolean;
}

interface Answer<T> {
  readonly headers: Headers;
  readonly body: T;
}

/** for a whole answer */
const answerMillis = 30_000;
/** for which a service may be busy, or away */
const patienceMillis = 120_000;
const maxRestSeconds = 60;
const usualRestSeconds = 5;

/**
 * Asks the service until it answers with success.
 *
 * @throws LazuliError that says why it doesn't; AbortError where the command is to end
 */
export async function asked<Schema extends z.ZodType>(
  service: Service,
  request: Request,
  schema: Schema,
): Promise<Answer<z.output<Schema>>> {
  const { clock, signal } = service;
  for (const giveUp = clock.now() + patienceMillis; ; ) {
    const answer = await exchanged(service, request);
    if (answer.status >= 200 && answer.status < 300) return { headers: answer.headers, body: parsed(answer, schema) };
    const isOver = clock.now() >= giveUp || !(answer.status === 0 ? request.isKnown : passing.has(answer.status));
    if (isOver) throw refused(service.url, answer);
    await clock.sleep(restOf(answer.headers) * 1000, signal);
  }
}

/** Statuses that pass. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

interface Exchanged {
  /** 0: there was no answer */
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** who asked; null: nobody in particular */
  readonly token: Token | null;
  /** why there was none */
  readonly cause?: unknown;
}

async function exchanged({ url: base, token: ask, signal }: Service, request: Request): Promise<Exchanged> {
  const { url, method, body } = request;
  const token = await ask();
  const headers = new Headers({ accept: 'application/json' });
  if (body !== undefined) headers.set('content-type', 'application/json');
  // Whoever else the service refers to learns no token.
  if (token !== null && new URL(url).origin === new URL(base).origin)
    headers.set('authorization', `Bearer ${token.text}`);
  const ended = AbortSignal.any([signal, AbortSignal.timeout(answerMillis)]);
  try {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(url, { method: method ?? 'GET', headers, signal: ended, redirect: 'manual', ...sent });
    return { status: answer.status, headers: answer.headers, text: await answer.text(), token };
  } catch (error) {
    signal.throwIfAborted();
    return { status: 0, headers: new Headers(), text: '', token, cause: (error as Error).cause ?? error };
  }
}

function parsed<Schema extends z.ZodType>({ text }: Exchanged, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(jsonOrNothing(text));
  if (result.success) return result.data;
  throw new LazuliError('unavailable', 'The service answered with something else than expected.', {
    remedy: 'Make sure that the URL is that of a search service of Lazuli, and that no sign-in page is before it.',
    cause: result.error,
  });
}

const retryAfter = z.coerce.number().int().min(1);

function restOf(headers: Headers): number {
  const seconds = retryAfter.safeParse(headers.get('retry-after')).data ?? usualRestSeconds;
  return Math.min(seconds, maxRestSeconds);
}

/** What the service says, and what to do about it. Locations are left out: who knows one can have the file. */
function refused(url: string, { status, headers, text, token, cause }: Exchanged): LazuliError {
  if (status >= 300 && status < 400) return elsewhere(url, headers.get('location'));
  const body = errorBody.safeParse(jsonOrNothing(text)).data;
  const message = body?.Message ?? `The service answered ${status} at ${new URL(url).origin}.`;
  const error = (code: LazuliError['code'], remedy?: string) =>
    new LazuliError(code, message, remedy === undefined ? {} : { remedy });
  switch (status) {
    case 0:
      return new LazuliError('unavailable', `The service does not answer at ${new URL(url).origin}.`, {
        remedy: 'Start the stack with `lazuli up`, or name the service with --url.',
        cause,
      });
    case 400:
      return error('usage', `${url}/ describes the parameters.`);
    case 401:
      return error(
        'unauthorized',
        token === null ? giveToken : 'Sign in again with `lazuli login`, or give a token that is valid.',
      );
    case 403:
      return error('forbidden', token === null ? giveToken : 'Ask whoever runs the service for access.');
    case 404:
      return error('not_found', `${url}/index/catalogs lists the catalogs; --url names another service.`);
    case 410:
      return error('gone', 'Run the command again.');
    case 413:
      return error('payload_too_large');
    case 500:
      return error('manifest_failed');
    default:
      return error('unavailable', 'Run the command again later; `/health` of the service says how it is.');
  }
}

/** Whoever asks for it names the service that gets the token. */
function elsewhere(url: string, location: string | null): LazuliError {
  const where = URL.parse(location ?? '', url)?.origin ?? 'nowhere';
  return new LazuliError('unavailable', `What answers at ${new URL(url).origin} refers to ${where}.`, {
    remedy: 'Name the service itself with --url.',
  });
}

const giveToken =
  'Give a token with --token-file, or in the environment variable LAZULI_TOKEN; or sign in with `lazuli login`.';
