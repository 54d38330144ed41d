import type { BuildProgress } from '../building/build.ts';
import type { CatalogState } from '../catalog/activity.ts';
import type { ServedState } from '../generations/served.ts';
import type { Pause } from '../sink/pause.ts';

/** In memory; counts since the process started. */
export interface CatalogProgress extends ServedState {
  readonly state: CatalogState;
  readonly pause: Pause | null;
  readonly epoch: number;
  readonly rebuild: BuildProgress | null;
  /** why the last generation that was built doesn't serve; null where it does */
  readonly failure: string | null;
  /** former generations that are current, to go back to; the last one first */
  readonly kept: readonly number[];
  readonly batchesLoaded: number;
  readonly documentsWritten: number;
}
