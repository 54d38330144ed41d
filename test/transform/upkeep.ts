import { Restagings } from '../../core/runs/restaging.ts';
import { noFaults } from '../../core/runtime/ports.ts';
import type { CompactorParts } from '../../transform/compaction/compactor.ts';
import type { Cut } from '../../transform/compaction/cut.ts';
import type { DisposalParts } from '../../transform/compaction/disposal.ts';
import { Upkeep } from '../../transform/compaction/upkeep.ts';
import { add } from './cages.ts';
import { type TestCatalog, testCatalog } from './computed.ts';
import { zoo } from './zoo.ts';

export const minute = 60_000;
/** What is in a copy. */
export const allCopied = { commit: Number.MAX_SAFE_INTEGER };

/** Upkeep of a catalog that has allCopied in a copy, and whose clock is ahead of that of whoever staged. */
export function partsOf(catalog: TestCatalog, ahead = 0, cut: Cut = null): CompactorParts & DisposalParts {
  const { store, objects, loading, load } = catalog;
  const clock = { now: () => Date.now() + ahead, sleep: async () => {} };
  return {
    ...{ store, objects, loading, clock, plugin: zoo, catalog: testCatalog, fault: noFaults, retiredMillis: minute },
    ...{
      load,
      cut: () => cut,
      restagings: new Restagings(objects, testCatalog),
      copies: allCopied,
      owned: async () => undefined,
    },
  };
}

export const upkeepOf = (catalog: TestCatalog, ahead = 0, cut: Cut = null): Upkeep =>
  new Upkeep(partsOf(catalog, ahead, cut));

/** Merges until there is nothing to merge any more. */
export async function compact(catalog: TestCatalog): Promise<void> {
  const upkeep = upkeepOf(catalog);
  while (await upkeep.step());
}

/** Batches that are staged from now on are of another millisecond. */
export async function later(): Promise<void> {
  const now = Date.now();
  while (Date.now() === now) await new Promise((resolve) => setImmediate(resolve));
}

/** Of five bundles, a batch each time. */
export async function stageMany(catalog: TestCatalog, count: number): Promise<void> {
  for (let i = 0; i < count; i++)
    await catalog.add([add({ uuid: `bundle-${i % 5}`, version: '1', cages: { a: [{ id: `${i % 5}` }] } })]);
}

/** Keys of all that is staged. */
export async function filesOf(catalog: TestCatalog): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const key of catalog.objects.list(`${testCatalog}/`)) keys.push(key);
  return keys;
}
