import { LazuliError } from '../../core/config/errors.ts';
import type { Halts } from '../../core/runs/halts.ts';
import { Restagings, readingsSchema } from '../../core/runs/restaging.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { OpenCatalog } from '../catalogs.ts';
import type { IngestPorts } from '../processor.ts';
import { problemOf, Restaging, unlisted } from './restaging.ts';

/** Thrown where a run doesn't want it any more, or the worker stops; it is no error. */
class Ended extends Error {}

export interface RestagerParts {
  readonly catalog: OpenCatalog;
  readonly ports: IngestPorts;
  readonly halts: Pick<Halts, 'of'>;
  readonly logger: Logger;
  /** between looks whether a run wants something, and between attempts */
  readonly lookMillis: number;
}

/** Stages for runs of one catalog what they want of the repository, while notifications are ingested. */
export class Restager {
  readonly #parts: RestagerParts;
  readonly #restagings: Restagings;
  readonly #stop = new AbortController();

  constructor(parts: RestagerParts) {
    this.#parts = parts;
    this.#restagings = new Restagings(parts.ports.store, parts.catalog.name);
  }

  /** Works until stopped. What can't be done now is tried again. */
  async run(): Promise<void> {
    const { logger, ports, lookMillis, catalog } = this.#parts;
    while (!this.#stop.signal.aborted) {
      await this.look().catch((error: unknown) => {
        logger.warn({ err: error, catalog: catalog.name }, 'can not find out now what runs want of the repository');
      });
      await ports.clock.sleep(lookMillis, this.#stop.signal).catch(() => undefined);
    }
  }

  stop(): void {
    this.#stop.abort();
  }

  /** Does what is wanted, as far as that is possible now. @throws LazuliError `staging_unavailable` */
  async look(): Promise<void> {
    for (const run of await this.#restagings.all()) if (!this.#stop.signal.aborted) await this.#restage(run);
  }

  async #restage(run: string): Promise<void> {
    const { ports, catalog, logger } = this.#parts;
    const wanted = await this.#restagings.wanted(run);
    const progress = (await this.#restagings.progress(run)) ?? unlisted;
    if (wanted === null || progress.phase === 'staged') return;
    await this.#restagings.begin(run, ports.clock.now());
    const goOn = () => this.#goOn(run);
    const what = { catalog, ports: { ...ports, restagings: this.#restagings, goOn, signal: this.#stop.signal } };
    try {
      await this.#watched(run, new Restaging(run, wanted, progress, what).work());
    } catch (error) {
      if (error instanceof Ended || this.#stop.signal.aborted) return;
      logger.warn(
        { err: error, catalog: catalog.name, run },
        'a run stands still that wants something of the repository',
      );
      const last = (await this.#restagings.progress(run)) ?? unlisted;
      await this.#restagings.report(run, { ...last, problem: problemOf(error) });
    }
  }

  /** Tells what the repository reads, while something else waits for it. */
  async #watched(run: string, work: Promise<void>): Promise<void> {
    const { repository } = this.#parts.catalog;
    if (repository.reading === undefined) return work;
    const ended = new AbortController();
    const watching = this.#watch(run, ended.signal);
    try {
      await work;
    } finally {
      ended.abort();
      await watching;
    }
  }

  async #watch(run: string, signal: AbortSignal): Promise<void> {
    const { catalog, ports, lookMillis, logger } = this.#parts;
    let last = '[]';
    while (!signal.aborted) {
      try {
        const reading = readingsSchema.parse(catalog.repository.reading?.());
        const text = JSON.stringify(reading);
        if (text !== last) await this.#restagings.reportReading(run, reading);
        last = text;
      } catch (error) {
        logger.warn({ err: error, catalog: catalog.name, run }, 'can not tell now what is read of the repository');
      }
      await ports.clock.sleep(lookMillis, signal).catch(() => undefined);
    }
  }

  async #goOn(run: string): Promise<void> {
    if (this.#stop.signal.aborted || (await this.#restagings.wanted(run)) === null) throw new Ended();
    const halt = await this.#parts.halts.of('ingest');
    if (halt !== null) throw new LazuliError('halted', halt.reason, { remedy: 'Run `lazuli resume ingest`.' });
  }
}
