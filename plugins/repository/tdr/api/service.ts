import type { z } from 'zod';
import { jsonOrNothing } from '../../../../core/config/text.ts';
import { fullJitter } from '../../../../core/runtime/backoff.ts';
import { systemClock } from '../../../../core/runtime/clock.ts';
import { inTime } from '../../../../core/runtime/deadline.ts';
import type { Clock } from '../../../../core/runtime/ports.ts';
import { type Answered, exchange, NoAnswer, type Question } from './exchange.ts';
import { noAnswer, notUnderstood, refusalOf, type Waiting } from './failures.ts';

/** How long one answer may take, and how often it is asked for again (specification, repository-plugins 4.2). */
export interface Pace {
  readonly millis: number;
  readonly retries: number;
}
const paces: Readonly<Record<Waiting, Pace>> = {
  caller: { millis: 5_000, retries: 0 },
  background: { millis: 20_000, retries: 2 },
};
const backoff = { baseMillis: 1_000, capMillis: 10_000 };
/** of what a service asks to wait before it is asked again */
const maxWaitMillis = 120_000;
const maxBytes = 32 * 2 ** 20;
const maxSaid = 300;

/** For tests: other paces, and a clock of which they see how long is waited. */
export interface Pacing {
  readonly paces?: Partial<Readonly<Record<Waiting, Pace>>>;
  readonly clock?: Pick<Clock, 'sleep'>;
}

/** How something is asked: by whom, and who waits for it. */
export interface Asking {
  readonly authorization: string;
  readonly waiting: Waiting;
  readonly signal: AbortSignal;
}

/** A service with an API of JSON, such as the Terra Data Repository itself. */
export class Service {
  readonly #name: string;
  readonly #url: string;
  readonly #pacing: Pacing;

  /** @param name for messages @param url without a slash at its end */
  constructor(name: string, url: string, pacing: Pacing = {}) {
    this.#name = name;
    this.#url = url;
    this.#pacing = pacing;
  }

  /**
   * Asks for one of the expected answers.
   *
   * @param schemas by status
   * @throws Refused for any other status, for what isn't as it should be, and where there is no answer in time
   */
  async ask<T extends Readonly<Record<number, z.ZodType>>>(
    question: Omit<Question, 'url' | 'authorization'> & { readonly path: string },
    schemas: T,
    asking: Asking,
  ): Promise<Told<T>> {
    const { path, ...rest } = question;
    const { authorization, waiting, signal } = asking;
    const answered = await this.#answer({ ...rest, url: `${this.#url}${path}`, authorization }, schemas, asking);
    signal.throwIfAborted();
    const schema = schemas[answered.status];
    if (schema === undefined) throw refusalOf(this.#name, { ...answered, said: saidOf(answered) }, waiting);
    const result = schema.safeParse(jsonOrNothing(answered.bytes));
    if (!result.success) throw notUnderstood(this.#name, 'it was asked for', waiting);
    return { status: answered.status, body: result.data } as Told<T>;
  }

  /** Whatever it is in the end: what may pass is tried again. */
  async #answer(question: Question, expected: object, { waiting, signal }: Asking): Promise<Answered> {
    const { retries } = this.#pace(waiting);
    const { clock = systemClock } = this.#pacing;
    for (let failures = 1; ; failures++) {
      const answered = await this.#once(question, waiting, signal);
      const isLast = failures > retries;
      if (answered instanceof NoAnswer) {
        if (isLast) throw noAnswer(this.#name, answered.message, waiting);
      } else if (isLast || answered.status in expected || !passes(answered.status)) return answered;
      const asked = answered instanceof NoAnswer ? 0 : (answered.retryAfter ?? 0) * 1000;
      if (asked > maxWaitMillis && !(answered instanceof NoAnswer)) return answered;
      await clock.sleep(Math.max(asked, backoff.baseMillis * failures, fullJitter(failures, backoff)), signal);
    }
  }

  async #once(question: Question, waiting: Waiting, signal: AbortSignal): Promise<Answered | NoAnswer> {
    const { millis } = this.#pace(waiting);
    const late = () => new NoAnswer(`none came within ${millis / 1000} s`);
    try {
      return await inTime({ clock: systemClock, millis, late, signal }, (told) => exchange(question, maxBytes, told));
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NoAnswer) return error;
      throw error;
    }
  }

  #pace(waiting: Waiting): Pace {
    return this.#pacing.paces?.[waiting] ?? paces[waiting];
  }
}

/** One of the expected statuses, with the body that belongs to it. */
type Told<T extends Readonly<Record<number, z.ZodType>>> = {
  [S in keyof T & number]: { readonly status: S; readonly body: z.output<T[S]> };
}[keyof T & number];

const passes = (status: number): boolean => status === 429 || (status >= 500 && status !== 501);

/** What an error of the repository, of SAM or of DUOS says, cut. */
function saidOf({ bytes }: Answered): string {
  const said = jsonOrNothing(bytes.subarray(0, 65_536)) as { message?: unknown; msg?: unknown } | null | undefined;
  const text = said?.message ?? said?.msg;
  return typeof text === 'string' ? text.slice(0, maxSaid) : '';
}
