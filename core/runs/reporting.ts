import type { Logger } from '../runtime/logger.ts';
import type { Clock } from '../runtime/ports.ts';
import type { Report, Reports } from './reports.ts';

/** Between two reports of a stage. */
export const reportMillis = 2_000;

/** What a stage reports, and with what. */
export interface ReportingParts {
  readonly stage: string;
  readonly reports: Reports;
  /**
   * @param before the last report, also of the process before this one; null where there is none
   * @returns null where another process reports
   */
  readonly look: (at: number, before: Report | null) => Promise<Report | null>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Reports again and again how far a stage is. A failed report ends nothing: one that grows old says enough. */
export class Reporting {
  readonly #parts: ReportingParts;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #before: Report | null | undefined;
  #failing = false;

  constructor(parts: ReportingParts) {
    this.#parts = parts;
    this.#done = this.#run();
  }

  /** Resolves when the last report is written. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#report();
      await this.#parts.clock.sleep(reportMillis, signal).catch(() => {});
    }
    await this.#report();
  }

  async #report(): Promise<void> {
    const { stage, reports, look, clock, logger } = this.#parts;
    try {
      this.#before ??= await reports.get(stage);
      const report = await look(clock.now(), this.#before);
      if (report !== null) await reports.put(stage, report);
      this.#before = report ?? undefined;
      this.#failing = false;
    } catch (err) {
      if (!this.#failing) logger.warn({ stage, err }, 'the stage can not report how far it is; it goes on');
      this.#failing = true;
    }
  }
}
