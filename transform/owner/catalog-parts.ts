import type { Spread } from '../../core/config/catalogs.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Clock, FaultPoint, ObjectStore, Records } from '../../core/runtime/ports.ts';
import type { DeadLetters } from '../../core/storage/dead-letters.ts';
import type { BuildProgress } from '../generations/build.ts';
import type { ServedState } from '../generations/served.ts';
import type { SearchCluster } from '../sink/search-cluster.ts';
import type { Pause } from '../sink/sink.ts';
import type { Store } from '../store/store.ts';

/** What the owner of a catalog works with. */
export interface CatalogParts {
  readonly deployment: string;
  readonly catalog: string;
  readonly plugin: MetadataPlugin;
  /** how indices are spread over the nodes of the search cluster; absent: by default */
  readonly index?: Spread | undefined;
  readonly store: Store;
  readonly objects: ObjectStore;
  /** epochs, numbers of generations, and runs */
  readonly records: Records;
  readonly deadLetters: DeadLetters;
  readonly cluster: SearchCluster;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fault: FaultPoint;
  readonly limits: {
    readonly documentBytes: number;
    readonly bulkBytes: number;
    readonly bulkConcurrency: number;
    readonly bucketLinks: number;
    readonly keptGenerations: number;
  };
  /** how often the store is copied at most, in milliseconds, and how many copies are kept; null: none is made */
  readonly copying: { readonly millis: number; readonly kept: number } | null;
  /** between looks for batches that no pointer led to (invariant 1) */
  readonly reconcileMillis: number;
  /** that staged files stay after they were replaced, for who reads them */
  readonly retiredMillis: number;
}

export type CatalogState = 'starting' | 'idle' | 'loading' | 'writing' | 'rebuilding' | 'paused' | 'stopped';

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
