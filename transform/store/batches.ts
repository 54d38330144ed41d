import type { Store } from './store.ts';

/** The batches that a store has, as of the last commit. */
export async function storedBatches(store: Pick<Store, 'peek'>): Promise<ReadonlySet<string>> {
  const rows = await store.peek('SELECT batch FROM batches');
  return new Set(rows.map(({ batch }) => String(batch)));
}
