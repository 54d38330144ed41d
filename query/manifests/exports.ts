import type { Jobs } from '../../core/exports/jobs.ts';
import type { ResultObjects } from '../../core/exports/objects.ts';
import type { Tokens } from '../../core/exports/tokens.ts';
import type { Workers } from '../../core/exports/workers.ts';
import type { FormatName } from '../../core/model/manifests.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import type { Admission } from './admission.ts';
import type { NewestSnapshots } from './newest.ts';
import type { Outcome, Standing } from './standing.ts';

/** What the service needs for exports, opened when it is first needed: searches go on without it. */
export interface Exports {
  readonly jobs: Jobs;
  readonly objects: ResultObjects;
  readonly workers: Workers;
  readonly tokens: Tokens;
  readonly newest: NewestSnapshots;
  readonly admission: Admission;
  /** of results, in milliseconds: later ones are made again */
  readonly lifeMillis: number;
  /** requests that are looked at, by key: the same ones share a look */
  readonly looking: Map<string, Promise<Standing>>;
  readonly clock: Clock;
  readonly count: (format: FormatName, outcome: Outcome) => void;
}

/** @throws LazuliError where they can't be opened at the moment */
export type OpenExports = () => Promise<Exports>;
