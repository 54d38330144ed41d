import type { Settings } from '../config/settings.ts';
import { ingestStage, transformStage } from '../config/stages.ts';
import { reportsFor } from '../deployment/stores.ts';
import type { Report, Reports } from '../runs/reports.ts';
import type { Standstill } from '../runs/troubles.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Clock } from '../runtime/ports.ts';
import { isRested } from '../runtime/rest.ts';
import type { LetterCount } from '../storage/letter-counts.ts';

/** How old an answer may be, in addition to the age of the report; milliseconds. */
const rememberedMillis = 1_000;
/** A stage that has reported nothing for so long has stopped, or can't report. */
const silentMillis = 30_000;

/** A stage as it was reported; times in milliseconds since the epoch. */
export interface StageState {
  readonly stage: 'ingest' | 'transform';
  /** null where a stage is that of all catalogs */
  readonly catalog: string | null;
  /** null where it has never reported */
  readonly report: Report | null;
  /** why it stands still; `silent` where it has stopped reporting */
  readonly paused: Standstill | null;
  /** since when the oldest waits that it hasn't finished; null where nothing waits */
  readonly oldest: number | null;
}

/** A stage, and the name under which it reports. */
type Stage = Pick<StageState, 'stage' | 'catalog'> & { readonly name: string };

/** The pipeline as its stages report it; `now` in milliseconds since the epoch. */
export interface PipelineState {
  readonly now: number;
  readonly stages: readonly StageState[];
}

/**
 * Seconds since the stream took the oldest notification that isn't searchable; 0 where all are.
 *
 * @param catalog counts what isn't staged yet, of whatever catalog, and what that one hasn't finished; absent: all
 */
export function unsearchableSeconds({ now, stages }: PipelineState, catalog?: string): number {
  const meant = stages.filter((one) => catalog === undefined || one.catalog === null || one.catalog === catalog);
  const oldest = meant.flatMap((one) => one.oldest ?? []);
  return oldest.length === 0 ? 0 : Math.max(0, now - Math.min(...oldest)) / 1000;
}

/** Dead letters by stage and catalog, as stages counted them some seconds ago; null where none has. */
export function deadLetters({ stages }: PipelineState): readonly LetterCount[] | null {
  const counts = stages.flatMap(({ report }) => (report?.deadLetters === undefined ? [] : [report.deadLetters]));
  return counts.length === 0 ? null : counts.flat();
}

/**
 * Knows from reports how far all stages are. All who ask within a second share one look, so asking costs the workers
 * nothing. While reports can't be read the last ones count, and grow old.
 */
export class Pipeline {
  readonly #reports: Reports;
  readonly #stages: readonly Stage[];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #began: number;
  readonly #known = new Map<string, Report>();
  #looked: { readonly at: number; readonly done: Promise<void> } | null = null;

  constructor(reports: Reports, catalogs: readonly string[], clock: Pick<Clock, 'now'> = systemClock) {
    this.#reports = reports;
    this.#clock = clock;
    this.#began = clock.now();
    this.#stages = [
      { name: ingestStage, stage: 'ingest', catalog: null },
      ...catalogs.map((catalog) => ({ name: transformStage(catalog), stage: 'transform' as const, catalog })),
    ];
  }

  /** Never rejects: a stage is silent if nothing can be found out about it. */
  async look(): Promise<PipelineState> {
    await this.#refresh();
    const now = this.#clock.now();
    return { now, stages: this.#stages.map((which) => this.#state(which, now)) };
  }

  #refresh(): Promise<void> {
    const at = this.#clock.now();
    if (this.#looked === null || isRested({ since: this.#looked.at, millis: rememberedMillis }, at)) {
      this.#looked = { at, done: Promise.all(this.#stages.map(({ name }) => this.#read(name))).then(() => {}) };
    }
    return this.#looked.done;
  }

  async #read(name: string): Promise<void> {
    const report = await this.#reports.get(name).catch(() => null);
    if (report !== null) this.#known.set(name, report);
  }

  #state({ name, ...which }: Stage, now: number): StageState {
    const report = this.#known.get(name) ?? null;
    const heard = report?.at ?? this.#began;
    if (report !== null && now - heard <= silentMillis) {
      const isDone = report.records === 0 && report.complete;
      return { ...which, report, paused: report.paused, oldest: isDone ? null : report.completeUntil };
    }
    // Nobody reads, so all that came since then counts as waiting.
    return { ...which, report, paused: silent(heard), oldest: report?.completeUntil ?? heard };
  }
}

/** The pipeline of a deployment. */
export const pipelineOf = (settings: Settings): Pipeline =>
  new Pipeline(reportsFor(settings), Object.keys(settings.catalogs));

function silent(since: number): Standstill {
  const reason = `It has not reported how far it is since ${new Date(since).toISOString()}: is its worker running?`;
  return { code: 'silent', reason, since };
}
