import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { noFaults, type ObjectStore } from '../../core/runtime/ports.ts';
import type { DeadLetters } from '../../core/storage/dead-letters.ts';
import type { CatalogContext } from '../../transform/catalog/context.ts';
import type { Store } from '../../transform/store/store.ts';
import { defaultLimits } from '../rigs/default-limits.ts';

export const testCatalog = 'test';

/** What a test has made of a catalog. */
export interface Made {
  readonly store: Store;
  readonly plugin: MetadataPlugin;
  readonly objects: ObjectStore;
  readonly deadLetters: DeadLetters;
}

/** Of which nothing may be asked. */
const noCluster = {
  request: () => Promise.reject(new Error('This test has no search cluster')),
  close: async () => undefined,
};

/** A catalog to work on, of the first worker; without a search cluster, by the machine's clock. @param other what differs from that */
export function testContext(made: Made, other: Partial<CatalogContext> = {}): CatalogContext {
  const ports = { records: made.objects, cluster: noCluster, clock: systemClock, logger: noLogger, fault: noFaults };
  const times = { copying: null, reconcileMillis: 60_000, retiredMillis: 60_000 };
  return {
    ...made,
    ...{ deployment: 'test', catalog: testCatalog, epoch: 1, limits: defaultLimits },
    ...ports,
    ...times,
    ...other,
  };
}
