import type { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { jsonOrNothing } from '../../../core/config/text.ts';
import { fullJitter } from '../../../core/runtime/backoff.ts';
import type { Clock } from '../../../core/runtime/ports.ts';
import { Turns } from '../../../core/runtime/turns.ts';
import { TooLong } from '../../../core/runtime/whole-body.ts';
import { type Exchanged, exchange, NoAnswer, type Sent } from './exchange.ts';
import { nextLink } from './links.ts';
import { problemOf, StoreRefusal } from './refusals.ts';

/** Gives the value of a header `Authorization`. @param refused the answer by which the store refused the former one */
export type Authorize = (refused?: Exchanged) => Promise<string>;

export interface StoreParts {
  /** of the API, without a slash at the end */
  readonly url: string;
  readonly clock: Clock;
  /** requests that are on their way at a time */
  readonly atOnce: number;
  /** absent: nothing is asked in anybody's name */
  readonly authorize?: Authorize;
}

/** What a store is asked. */
export interface StoreRequest {
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** below the API's URL */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** how often it is asked; default: 5 times */
  readonly attempts?: number;
}

const maxAnswer = 32 * 2 ** 20;
/** The store itself cuts its work off after 30 s. */
const answerMillis = 40_000;
const usualAttempts = 5;
const backoff = { baseMillis: 500, capMillis: 10_000 };
const maxRestSeconds = 30;
/** pages of one list */
const maxPages = 1_000_000;
const turns = { waiting: 1_000_000, waitMillis: 3_600_000 };

/** A data store, asked until it answers (specification, dss 2). It never follows a redirect, nor a link to elsewhere. */
export class Store {
  readonly url: string;
  readonly clock: Clock;
  readonly #turns: Turns;
  readonly #authorize: Authorize | undefined;

  constructor({ url, clock, atOnce, authorize }: StoreParts) {
    this.url = url;
    this.clock = clock;
    this.#authorize = authorize;
    this.#turns = new Turns({ ...turns, atOnce }, { clock });
  }

  /**
   * Asks until there is an answer that can be believed. What fails in passing is asked again, which is safe: all that is put has a
   * version.
   *
   * @param read of answers other than those that refuse. throws NoAnswer for what is none
   * @throws StoreRefusal, LazuliError `repository_unavailable`, the reason of the signal
   */
  ask<T>(request: StoreRequest, read: (answer: Exchanged) => T, signal: AbortSignal): Promise<T> {
    return this.askAt(this.urlOf(request), request, read, signal);
  }

  /** The same at a URL that the store itself has given, which must be one of its own. */
  async askAt<T>(
    url: string,
    request: Omit<StoreRequest, 'path' | 'query'>,
    read: (answer: Exchanged) => T,
    signal: AbortSignal,
  ): Promise<T> {
    const { attempts = usualAttempts } = request;
    for (let attempt = 1; ; attempt++) {
      const { value, failure, restSeconds } = await this.#attempt(this.#own(url), request, read, signal);
      if (failure === null) return value as T;
      if (attempt >= attempts) throw unavailable(this.url, failure);
      const rest = restSeconds ?? fullJitter(attempt, backoff) / 1000;
      await this.clock.sleep(Math.min(rest, maxRestSeconds) * 1000, signal);
    }
  }

  /** JSON of an answer with success. */
  askFor<Schema extends z.ZodType>(request: StoreRequest, schema: Schema, signal: AbortSignal) {
    return this.ask(request, (answer) => parsed(answer, schema), signal);
  }

  /** Pages of a list, to its end. @throws as `ask` */
  async *pages<Schema extends z.ZodType>(
    request: StoreRequest,
    schema: Schema,
    signal: AbortSignal,
  ): AsyncGenerator<z.output<Schema>> {
    let url: string | null = this.urlOf(request);
    const { pathname } = new URL(url);
    for (let page = 0; url !== null; page++) {
      if (page >= maxPages) throw unavailable(this.url, new NoAnswer(`a list of more than ${maxPages} pages`));
      const former: string = url;
      const read = (answer: Exchanged) => ({ body: parsed(answer, schema), next: nextPage(answer) });
      const { body, next }: { body: z.output<Schema>; next: string | null } = await this.askAt(
        former,
        {},
        read,
        signal,
      );
      if (next !== null && (next === former || new URL(next).pathname !== pathname))
        throw unavailable(this.url, new NoAnswer('a page that is followed by itself, or by something else'));
      yield body;
      url = next;
    }
  }

  /** Whether it answers a simple question about what it holds. */
  async works(replica: string, signal: AbortSignal): Promise<boolean> {
    const query = { replica, prefix: '00000000', per_page: '10' };
    return this.ask({ path: '/bundles/all', query, attempts: 1 }, () => true, signal).catch((error: unknown) => {
      signal.throwIfAborted();
      return error instanceof StoreRefusal;
    });
  }

  /** Where it is asked. */
  urlOf({ path, query = {} }: StoreRequest): string {
    const parameters = `${new URLSearchParams(query)}`;
    return `${this.url}${path}${parameters === '' ? '' : `?${parameters}`}`;
  }

  /** What the store says must not lead elsewhere. */
  #own(url: string): string {
    const parsedUrl = URL.parse(url, this.url);
    const own = new URL(this.url);
    if (parsedUrl?.origin === own.origin && parsedUrl.pathname.startsWith(`${own.pathname.replace(/\/$/, '')}/`))
      return parsedUrl.href;
    throw unavailable(this.url, new NoAnswer(`it refers to ${parsedUrl?.origin ?? 'nowhere'}`));
  }

  async #attempt<T>(
    url: string,
    { method = 'GET', body }: Omit<StoreRequest, 'path'>,
    read: (answer: Exchanged) => T,
    signal: AbortSignal,
  ): Promise<{ readonly value?: T; readonly failure: Error | null; readonly restSeconds?: number | undefined }> {
    try {
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const sent = { url, method, ...content, maxBytes: maxAnswer, millis: answerMillis };
      const answer = await this.#turns.take(signal, () => this.#inName(sent, signal));
      if (answer.status >= 500 || answer.status === 429)
        return { failure: problemOf(answer), restSeconds: retryAfterOf(answer) };
      if (answer.status >= 400) throw problemOf(answer);
      return { value: read(answer), failure: null };
    } catch (error) {
      if (error instanceof NoAnswer || error instanceof TooLong) return { failure: error };
      throw error;
    }
  }

  /** A credential that the store refuses is made anew, once. */
  async #inName(sent: Sent, signal: AbortSignal): Promise<Exchanged> {
    const type = sent.body === undefined ? {} : { 'Content-Type': 'application/json' };
    const headers = { Accept: 'application/json', ...type };
    if (this.#authorize === undefined) return exchange({ ...sent, headers }, signal);
    const send = (authorization: string) => exchange({ ...sent, headers: { ...headers, authorization } }, signal);
    const answer = await send(await this.#authorize());
    return answer.status === 401 ? send(await this.#authorize(answer)) : answer;
  }
}

/** Seconds; undefined where an answer doesn't say. */
export function retryAfterOf({ headers }: Exchanged): number | undefined {
  const text = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(text) ? Number(text) : undefined;
}

function parsed<Schema extends z.ZodType>({ status, bytes }: Exchanged, schema: Schema): z.output<Schema> {
  const result = schema.safeParse(jsonOrNothing(bytes));
  if (result.success) return result.data;
  throw new NoAnswer(`status ${status} with something else than was asked for`, { cause: result.error });
}

/** @throws NoAnswer for a page that says there are more, and not where */
function nextPage({ url, status, headers }: Exchanged): string | null {
  const next = nextLink(headers.get('link'));
  if (next !== null) return URL.parse(next, url)?.href ?? '';
  if (status === 206 || headers.get('x-openapi-pagination') === 'true')
    throw new NoAnswer('a page that says there are more, and not where');
  return null;
}

const unavailable = (url: string, cause: Error): LazuliError =>
  new LazuliError('repository_unavailable', `The data store at ${url} gives no answer: ${cause.message}`, {
    remedy: 'Make sure that it works and can be reached from here; what needs it goes on by itself.',
    cause,
  });
