import { z } from 'zod';
import { jsonBytes, jsonOrNothing } from '../config/text.ts';
import type { Clock, Records } from '../runtime/ports.ts';
import { Attempts, type End, type Failure, noProgress, type Progress, type Result } from './attempts.ts';
import { Queue } from './queue.ts';
import { type ExportRequest, exportRequestSchema } from './request.ts';

/** Of records of what is asked for. */
export const jobsFolder = '_exports/jobs/';

const jobSchema = z.strictObject({
  request: exportRequestSchema,
  /** when it was last queued, milliseconds since the epoch */
  requested: z.int(),
});

/** An export that somebody has asked for. */
export interface Job {
  readonly hash: string;
  readonly request: ExportRequest;
  readonly requested: number;
}

/** How far a job is. */
export type JobState =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'running'; readonly progress: Progress }
  /** the file was there when the attempt ended */
  | { readonly kind: 'done'; readonly result: Result; readonly at: number }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** A place in the queue that somebody wants. */
interface Place {
  /** of the attempt */
  readonly number: number;
  readonly caller: string;
  /** rejects where there is no room; default: there is */
  readonly admit?: () => Promise<void>;
}

/** The state, and the number of the attempt that a new request would be for. */
export interface Look {
  readonly state: JobState;
  readonly next: number;
}

/**
 * The table of jobs (architecture, invariant 19). A key has one record of what is asked for, attempts, of which the last one
 * counts, and a place in the queue while it is to be made. All are written whole; what a process that dies leaves undone,
 * anyone who looks next sees.
 */
export class Jobs {
  readonly attempts: Attempts;
  readonly queue: Queue;
  readonly #records: Records;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(records: Records, clock: Pick<Clock, 'now'>) {
    this.attempts = new Attempts(records);
    this.queue = new Queue(records);
    this.#records = records;
    this.#clock = clock;
  }

  /** @returns null where there is none, or none that this version understands */
  async get(hash: string): Promise<Job | null> {
    const value = await this.#records.get(keyOf(hash));
    const job = value === null ? undefined : jobSchema.safeParse(jsonOrNothing(value)).data;
    return job === undefined ? null : { hash, ...job };
  }

  /** How far a job is that somebody has asked for. */
  async look(hash: string): Promise<Look> {
    const last = (await this.attempts.numbers(hash)).at(-1) ?? 0;
    const attempt = last === 0 ? null : await this.attempts.get(hash, last);
    if (attempt === 'damaged') return { state: { kind: 'running', progress: noProgress }, next: last };
    if (attempt === null) return { state: { kind: 'waiting' }, next: last + 1 };
    if (attempt.end === null) return { state: { kind: 'running', progress: attempt.progress }, next: last };
    return { state: await this.#ended(hash, last + 1, attempt.end), next: last + 1 };
  }

  /**
   * Has it made, for a caller: it has a place in the queue when this resolves.
   *
   * @returns false where it had one already
   */
  async queueUp(hash: string, request: ExportRequest, { number, caller, admit }: Place): Promise<boolean> {
    const at = this.#clock.now();
    if (await this.queue.has(hash, number)) return false;
    await admit?.();
    await this.#records.put(keyOf(hash), jsonBytes({ request, requested: at }));
    await this.queue.add({ hash, number, caller, at });
    return true;
  }

  /** Hashes of all keys that were ever asked for, but for those that were deleted. */
  async *all(): AsyncGenerator<string> {
    for await (const key of this.#records.list(jobsFolder)) yield key.slice(jobsFolder.length).replace(/\.json$/, '');
  }

  /** Forgets a job. */
  async delete(hash: string): Promise<void> {
    await this.attempts.delete(hash);
    await this.#records.delete(keyOf(hash));
  }

  async #ended(hash: string, next: number, end: End): Promise<JobState> {
    if (end.as === 'done') return { kind: 'done', result: end.result, at: end.at };
    if (end.as === 'released' || (await this.queue.has(hash, next))) return { kind: 'waiting' };
    return { kind: 'failed', failure: end.failure };
  }
}

const keyOf = (hash: string): string => `${jobsFolder}${hash}.json`;
