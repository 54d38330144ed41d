import fc from 'fast-check';
import { Simulation } from './simulation.ts';
import { Site } from './site.ts';
import { printed, type Schedules, schedules } from './steps.ts';

/** Runs that share a catalog and its indices: to create some takes longer than most schedules. */
const runsTogether = 8;
/** Schedules of a run: up to four, but not always as many. */
const schedulesOfRun = 2.95;

/** How much is played. */
export interface Playing {
  readonly opensearch: string;
  readonly seed: number;
  /** of one run, as a failure has told it */
  readonly path?: string | undefined;
  /** schedules at most */
  readonly most: number;
  /** when no more begin, in milliseconds since the epoch */
  readonly until?: number;
  /** milliseconds for which fewer steps are tried after a failure */
  readonly shrinkMillis: number;
}

/** What came of it. */
export interface Played {
  /** that have come to a good end */
  readonly schedules: number;
  readonly runs: number;
  /** what went wrong, by which steps, and how to see it again; null where nothing did */
  readonly failure: string | null;
}

/** Plays random schedules until one fails, or there are enough. */
export async function play({ opensearch, seed, path, most, until, shrinkMillis }: Playing): Promise<Played> {
  const catalogs = new Catalogs(opensearch, most, until ?? Number.POSITIVE_INFINITY, shrinkMillis);
  const details = await fc.check(
    fc.asyncProperty(schedules, (all) => catalogs.run(all)),
    {
      seed,
      numRuns: Math.ceil(most / schedulesOfRun),
      endOnFailure: shrinkMillis === 0,
      ...(path === undefined ? {} : { path }),
    },
  );
  await catalogs.end();
  return { schedules: catalogs.schedules, runs: catalogs.runs, failure: details.failed ? told(details) : null };
}

/** Catalogs for runs, one after the other; after a failure each run has one of its own, so that it can be shrunk. */
class Catalogs {
  readonly #opensearch: string;
  readonly #most: number;
  readonly #until: number;
  readonly #shrinkMillis: number;
  #simulation: Simulation | null = null;
  #failed: number | null = null;
  /** that have come to a good end */
  schedules = 0;
  runs = 0;

  constructor(opensearch: string, most: number, until: number, shrinkMillis: number) {
    this.#opensearch = opensearch;
    this.#most = most;
    this.#until = until;
    this.#shrinkMillis = shrinkMillis;
  }

  /** Runs that are left when there are enough do nothing. */
  async run(all: Schedules): Promise<void> {
    if (this.#failed === null && (this.schedules >= this.#most || Date.now() > this.#until)) return;
    if (this.#failed !== null && Date.now() > this.#failed + this.#shrinkMillis) return;
    if (this.#failed !== null || (this.#simulation?.runs ?? 0) >= runsTogether) await this.end();
    this.#simulation ??= new Simulation(await Site.open(this.#opensearch));
    try {
      await this.#simulation.run(all);
    } catch (error) {
      this.#failed ??= Date.now();
      await this.end();
      throw error;
    }
    if (this.#failed !== null) return;
    this.schedules += new Set(all.map(({ world }) => world)).size;
    this.runs++;
  }

  async end(): Promise<void> {
    const simulation = this.#simulation;
    this.#simulation = null;
    await simulation?.[Symbol.asyncDispose]();
  }
}

const command = 'npm test -- test/simulation/simulation.test.ts';

/** What went wrong, by which steps, and how to see it again. */
export function told({
  errorInstance,
  counterexample,
  counterexamplePath,
  seed,
  numShrinks,
}: fc.RunDetails<[Schedules]>): string {
  const [steps = []] = counterexample ?? [];
  return [
    errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
    `by these steps, after ${numShrinks} attempts with fewer; before each is the number of its schedule:`,
    printed(steps),
    `again: LAZULI_SEED=${seed} LAZULI_PATH=${counterexamplePath} ${command}`,
    `with the schedules before it, on whose catalog it may depend: LAZULI_SEED=${seed} ${command}`,
  ].join('\n');
}
