import {
  type Attempt,
  type Attempts,
  type End,
  type Failure,
  noProgress,
  type Progress,
  type Result,
} from '../core/exports/attempts.ts';
import type { Job, Jobs } from '../core/exports/jobs.ts';
import type { Queued } from '../core/exports/queue.ts';

/** Nobody else works on it, unless this worker was taken for dead. */
export class Superseded extends Error {
  constructor() {
    super('Another worker has taken the job over.');
  }
}

/** An attempt that this worker has claimed. It alone writes its record. */
export class OwnAttempt {
  readonly job: Job;
  readonly place: Queued;
  readonly #jobs: Jobs;
  #record: Attempt;

  constructor(jobs: Jobs, job: Job, place: Queued, record: Attempt) {
    this.#jobs = jobs;
    this.job = job;
    this.place = place;
    this.#record = record;
  }

  /** Attempts right before it whose workers died. */
  get losses(): number {
    return this.#record.losses;
  }

  /** A sign of life. @throws Superseded */
  async beat(progress: Progress): Promise<void> {
    await this.#requireOwn();
    this.#record = { ...this.#record, beat: this.#record.beat + 1, progress };
    await this.#put();
  }

  /** @throws Superseded where the next attempt has begun: that one says what became of the job */
  async finish(result: Result, at: number): Promise<void> {
    await this.#end({ as: 'done', at, result });
  }

  async fail(failure: Failure, at: number): Promise<void> {
    await this.#end({ as: 'failed', at, failure });
  }

  /** Leaves the job to another worker. */
  async release(at: number): Promise<void> {
    const { hash, number } = this.place;
    await this.#requireOwn();
    await this.#jobs.queue.add({ ...this.place, number: number + 1 });
    this.#record = { ...this.#record, end: { as: 'released', at } };
    await this.#put();
    await this.#jobs.queue.remove(hash, number);
  }

  async #end(end: End): Promise<void> {
    const { hash, number } = this.place;
    await this.#requireOwn();
    this.#record = { ...this.#record, end };
    await this.#put();
    await this.#jobs.queue.remove(hash, number);
  }

  async #requireOwn(): Promise<void> {
    const { hash, number } = this.place;
    if ((await this.#jobs.attempts.get(hash, number + 1)) !== null) throw new Superseded();
  }

  #put(): Promise<void> {
    return this.#jobs.attempts.put(this.place.hash, this.place.number, this.#record);
  }
}

/** A record of an attempt that begins. */
export const begun = (worker: string, losses: number): Attempt => ({
  ...{ worker, losses, beat: 0, progress: noProgress, end: null },
});

/** How many attempts were lost right before one. @param before the attempt before it */
export async function lossesBefore(attempts: Attempts, hash: string, number: number): Promise<number> {
  const before = number === 1 ? null : await attempts.get(hash, number - 1);
  if (before === null) return 0;
  // A record that can't be read any more has no worker either.
  if (before === 'damaged') return 1;
  return before.end === null ? before.losses + 1 : 0;
}
