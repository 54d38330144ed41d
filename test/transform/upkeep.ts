import { Restagings } from '../../core/runs/restaging.ts';
import type { CatalogContext } from '../../transform/catalog/context.ts';
import type { Cut } from '../../transform/compaction/cut.ts';
import { Upkeep } from '../../transform/compaction/upkeep.ts';
import { add } from '../rigs/transform/cages.ts';
import { type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';

export const minute = 60_000;
/** As of a store of which all is in a copy. */
export const allCopied = Number.MAX_SAFE_INTEGER;

/** A catalog as one sees it whose clock is ahead of that of whoever staged. */
export function aheadOf({ context }: TestCatalog, millis: number, other: Partial<CatalogContext> = {}): CatalogContext {
  const clock = { now: () => Date.now() + millis, sleep: async () => {} };
  return { ...context, clock, ...other };
}

/** Upkeep of a catalog of which all is in a copy. */
export function upkeepOf(catalog: TestCatalog, ahead = 0, cut: Cut = null, other: Partial<CatalogContext> = {}) {
  const restagings = new Restagings(catalog.objects, testCatalog);
  const upkeep = new Upkeep(aheadOf(catalog, ahead, other), catalog.loading, restagings);
  return {
    step: () => upkeep.step(cut, allCopied),
    tidy: () => upkeep.tidy(),
    remove: (source: string) => upkeep.remove(source, cut),
    replay: (from: number) => upkeep.replay(from),
  };
}

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
