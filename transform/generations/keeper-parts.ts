import type { Logger } from '../../core/runtime/logger.ts';
import type { Clock, FaultPoint, Records } from '../../core/runtime/ports.ts';
import type { DeadLetters } from '../../core/storage/dead-letters.ts';
import type { Emission, Target } from '../emitting/emission.ts';
import type { Writing } from '../emitting/writing.ts';
import type { Commits } from '../owner/commits.ts';
import type { Store } from '../store/store.ts';
import type { GenerationsOf } from './indices.ts';

/** What generations are built and kept with. */
export interface KeeperParts {
  readonly of: GenerationsOf;
  readonly store: Store;
  readonly emission: Emission;
  readonly deadLetters: DeadLetters;
  readonly records: Records;
  /** of the worker */
  readonly epoch: number;
  readonly commits: Commits;
  /** Throws `superseded` where another worker has taken the catalog over. */
  readonly owned: () => Promise<void>;
  readonly target: (generation: number, commit: number) => Target;
  /** with what a generation is built */
  readonly writing: (generation: number) => Writing;
  /** Writes everything that waits to be written, into all generations that are attached. */
  readonly drain: () => Promise<void>;
  /** Told as soon as another generation serves. */
  readonly onServing: () => void;
  /** how many former generations stay current, to go back to */
  readonly keep: number;
  /** see `BuildPlan` */
  readonly bucketLinks: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fault: FaultPoint;
}
