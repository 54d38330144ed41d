import type { Loading } from '../loading/loading.ts';
import type { Store } from '../store/store.ts';

/**
 * Who wrote last to the generations that a store knows: that store; or one of which it is a copy, so that it knows no
 * more of them than that the one that serves was whole; or another one.
 */
export type LastWriter = 'this' | 'copied' | 'another';

/** Of a store that didn't write last, whatever it was before. */
const noEpoch = 'none';

/**
 * Brings a store that is taken over up to what is staged.
 *
 * @param epochs of the last workers, this one among them: a store of another one didn't write last (architecture, invariant 9)
 * @param catchUp loads what is staged and not in the store
 */
export async function catchUpStore(
  store: Store,
  loading: Loading,
  epochs: readonly number[],
  catchUp: () => Promise<void>,
): Promise<LastWriter> {
  const emptied = await loading.emptyIfLost();
  const isCopy = (await store.copiedAs()) !== null;
  const missing = isCopy ? await loading.unloaded() : [];
  // Noted before anything is loaded: taking over may be tried again from here.
  if (emptied || !(await loading.onlyAdd(missing))) await store.setMeta('epoch', noEpoch);
  await catchUp();
  if (!epochs.map(String).includes(String(await store.meta('epoch')))) return 'another';
  if (!isCopy) return 'this';
  // What the store can't load may be in the index.
  const unloaded = new Set(await loading.unloaded());
  return missing.some((batch) => unloaded.has(batch)) ? 'another' : 'copied';
}
