import { z } from 'zod';
import { type ErrorCode, errors, LazuliError } from '../core/config/errors.ts';
import { parsedJson } from '../core/config/text.ts';
import type { Logger } from '../core/runtime/logger.ts';
import type { Clock, Records } from '../core/runtime/ports.ts';
import { isRested } from '../core/runtime/rest.ts';
import type { Signature } from './verify.ts';

/** What a request was answered with. */
const answerSchema = z.strictObject({ status: z.int(), body: z.unknown() });
export type Answer = Readonly<z.output<typeof answerSchema>>;

const codes = Object.keys(errors) as [ErrorCode, ...ErrorCode[]];
const refusalSchema = z.strictObject({ code: z.enum(codes), message: z.string(), remedy: z.string().optional() });
/** null while the request is being answered */
const outcomeSchema = z.union([
  z.null(),
  z.strictObject({ answer: answerSchema }),
  z.strictObject({ refusal: refusalSchema }),
]);
type Outcome = z.output<typeof outcomeSchema>;

/** Where answers are remembered, and for how long. */
export interface AnsweredOptions {
  /** those of all indexers of a deployment */
  readonly records: Records;
  readonly clock: Clock;
  readonly logger: Logger;
  /** how long a signature is good, in milliseconds */
  readonly window: number;
}

/** No catalog's name begins with `_`. */
const folder = '_signatures/';
/** of the seconds in a key, so that keys sort by time */
const digits = 12;
/** Looks for the answer to the same request while it is being made. */
const looks = 100;
const lookMillis = 100;

/**
 * Remembers the answers to signed requests: whoever sends one again, with the same signature, gets the same answer, and
 * nothing is done. So a client that lost the answer learns it, and recording a request is of no use. A request
 * that failed was not taken, and isn't remembered. Records are `_signatures/<seconds when it was made>-<its bytes>`, and
 * go when the signature has long been too old.
 */
export class Answered {
  readonly #options: AnsweredOptions;
  #swept = Number.NEGATIVE_INFINITY;
  #sweeping: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor(options: AnsweredOptions) {
    this.#options = options;
  }

  /**
   * Does what a request asks for, unless that was done already.
   *
   * @throws LazuliError what `act` throws, or threw; `unavailable` where the records can't be used, or the same request
   *   is being answered still
   */
  async once(signature: Signature, act: () => Promise<Answer>): Promise<Answer> {
    const key = `${folder}${String(signature.created / 1000).padStart(digits, '0')}-${signature.id}`;
    const isFirst = await remembered(() => this.#options.records.putIfAbsent(key, encoded(null)));
    this.#sweep();
    return isFirst ? this.#first(key, act) : this.#again(key);
  }

  /** Resolves when no records are being deleted. */
  idle(): Promise<void> {
    return this.#sweeping;
  }

  /** The same, but those that are left to be deleted stay until another indexer finds them. */
  stop(): Promise<void> {
    this.#isStopped = true;
    return this.#sweeping;
  }

  async #first(key: string, act: () => Promise<Answer>): Promise<Answer> {
    const { records } = this.#options;
    try {
      const answer = await act();
      await this.#tried(() => records.put(key, encoded({ answer })));
      return answer;
    } catch (error) {
      const refusal = refusalOf(error);
      await this.#tried(() => (refusal === null ? records.delete(key) : records.put(key, encoded({ refusal }))));
      throw error;
    }
  }

  async #again(key: string): Promise<Answer> {
    const { records, clock } = this.#options;
    for (let look = 0; look < looks; look++) {
      const value = await remembered(() => records.get(key));
      if (value === null) break;
      const outcome = outcomeSchema.parse(parsedJson(value));
      if (outcome !== null) return told(outcome);
      await clock.sleep(lookMillis);
    }
    throw new LazuliError('unavailable', 'What came of the same request before is not known.', {
      remedy: 'Send it again later, or sign it anew.',
    });
  }

  /** What was done is answered, even where the answer can't be remembered: a repetition then learns that it isn't known. */
  async #tried(remember: () => Promise<void>): Promise<void> {
    await remember().catch((err: unknown) => this.#options.logger.warn({ err }, 'answer not remembered'));
  }

  /** Deletes old records, at most once in a window and beside the requests. */
  #sweep(): void {
    const { clock, logger, window } = this.#options;
    const now = clock.now();
    if (!isRested({ since: this.#swept, millis: window }, now)) return;
    this.#swept = now;
    const done = this.#sweeping.then(() => this.#deleteBefore(now - 2 * window));
    this.#sweeping = done.catch((err: unknown) => logger.warn({ err }, 'old signatures not forgotten'));
  }

  async #deleteBefore(time: number): Promise<void> {
    const { records } = this.#options;
    for await (const key of records.list(folder)) {
      if (this.#isStopped || Number(key.slice(folder.length, folder.length + digits)) * 1000 >= time) return;
      await records.delete(key);
    }
  }
}

/** @returns null for a failure, after which the same request may be tried again */
function refusalOf(error: unknown): z.output<typeof refusalSchema> | null {
  if (!(error instanceof LazuliError) || error.status >= 500) return null;
  const { code, message, remedy } = error;
  return remedy === undefined ? { code, message } : { code, message, remedy };
}

function told(outcome: NonNullable<Outcome>): Answer {
  if ('answer' in outcome) return outcome.answer;
  const { code, message, remedy } = outcome.refusal;
  throw new LazuliError(code, message, remedy === undefined ? {} : { remedy });
}

async function remembered<T>(records: () => Promise<T>): Promise<T> {
  try {
    return await records();
  } catch (cause) {
    throw new LazuliError('unavailable', 'The request could not be compared with former ones; try again.', { cause });
  }
}

const encoded = (outcome: Outcome): Uint8Array => Buffer.from(JSON.stringify(outcome), 'utf8');
