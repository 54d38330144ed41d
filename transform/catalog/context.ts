import type { Spread } from '../../core/config/catalogs.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Clock, FaultPoint, ObjectStore, Records } from '../../core/runtime/ports.ts';
import type { DeadLetters } from '../../core/storage/dead-letters.ts';
import type { SearchCluster } from '../sink/search-cluster.ts';
import type { Store } from '../store/store.ts';

/**
 * The catalog that a worker has taken over, and the ports through which it is worked on. Whatever works on a catalog
 * is given it first, and then those that it builds on: nothing is taken out of it and put together in another way.
 */
export interface CatalogContext {
  readonly deployment: string;
  readonly catalog: string;
  readonly plugin: MetadataPlugin;
  /** of this worker (architecture, invariant 9) */
  readonly epoch: number;
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
  /** how long the owner waits for builders; absent: as long as usual */
  readonly patience?: BuilderPatience | undefined;
}

/** How long the owner of a catalog waits for builders, in milliseconds. */
export interface BuilderPatience {
  /** for a sign of life of one that has a bucket, which others get then */
  readonly lease: number;
  /** for anyone to ask for a bucket, before it builds by itself */
  readonly absence: number;
}
