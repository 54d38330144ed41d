import type { Jobs } from '../core/exports/jobs.ts';
import { presenceMillis, type Workers } from '../core/exports/workers.ts';
import type { Logger } from '../core/runtime/logger.ts';
import type { Clock } from '../core/runtime/ports.ts';
import type { OwnAttempt } from './attempt.ts';
import { Claims } from './claims.ts';
import type { Ended } from './job.ts';
import type { Pace } from './pace.ts';

/** What goes round. */
export interface LoopParts {
  readonly worker: string;
  readonly jobs: Jobs;
  readonly workers: Workers;
  readonly concurrentJobs: number;
  readonly pace: Pace;
  /** @param stop the worker is to end */
  readonly work: (attempt: OwnAttempt, stop: AbortSignal) => Promise<Ended>;
  readonly cleanUp: () => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Takes jobs from the queue as long as it isn't stopped, several at a time. Nothing that fails ends it. */
export class Loop {
  readonly #parts: LoopParts;
  readonly #stop = new AbortController();
  readonly #claims: Claims;
  readonly #running = new Map<OwnAttempt, Promise<void>>();
  readonly #done: Promise<unknown>;

  constructor(parts: LoopParts) {
    const { lookMillis, beatMillis, leaseMillis, upkeepMillis } = parts.pace;
    this.#parts = parts;
    this.#claims = new Claims(parts.jobs, parts.worker, Math.ceil(leaseMillis / beatMillis));
    this.#done = Promise.all([
      this.#again(lookMillis, 'the queue can not be looked at', () => this.#fill()),
      this.#again(beatMillis, 'other workers can not be looked at', () => this.#claims.watch()),
      this.#again(presenceMillis, 'this worker can not tell that it is there', () => this.#tell()),
      this.#again(upkeepMillis, 'what is over can not be deleted', parts.cleanUp),
    ]);
  }

  /** Jobs that it works on. */
  get running(): number {
    return this.#running.size;
  }

  /** Leaves its jobs to other workers; resolves when that is noted. */
  async stop(): Promise<void> {
    const { workers, worker } = this.#parts;
    this.#stop.abort(new Error('The worker is asked to end.'));
    await this.#done;
    await Promise.all(this.#running.values());
    await workers.leave(worker).catch(() => {});
  }

  async #fill(): Promise<void> {
    const { concurrentJobs } = this.#parts;
    while (!this.#stop.signal.aborted) {
      if (this.#running.size >= concurrentJobs) {
        await Promise.race(this.#running.values());
        continue;
      }
      const attempt = await this.#claims.next([...this.#running.keys()]);
      if (attempt === null) return;
      this.#begin(attempt);
    }
  }

  #begin(attempt: OwnAttempt): void {
    const done = this.#parts.work(attempt, this.#stop.signal).then(() => {
      this.#running.delete(attempt);
    });
    this.#running.set(attempt, done);
  }

  async #tell(): Promise<void> {
    const { workers, worker, clock } = this.#parts;
    await workers.tell(worker, { at: clock.now(), running: this.#running.size });
  }

  async #again(millis: number, failure: string, action: () => Promise<void>): Promise<void> {
    const { clock, logger } = this.#parts;
    const { signal } = this.#stop;
    for (let failing = false; !signal.aborted; await clock.sleep(millis, signal).catch(() => {})) {
      try {
        await action();
        failing = false;
      } catch (err) {
        if (!failing) logger.warn({ err }, failure);
        failing = true;
      }
    }
  }
}
