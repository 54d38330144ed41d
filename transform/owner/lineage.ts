import type { CatalogContext } from '../catalog/context.ts';
import type { LastWriter } from '../generations/generations.ts';
import type { Loading } from '../loading/loading.ts';

/** Of a store that didn't write last, whatever it was before. */
const noEpoch = 'none';

/**
 * Brings a store that is taken over up to what is staged. A store of another worker than this one, or the one before,
 * didn't write last (architecture, invariant 9).
 *
 * @param before the epoch before this worker's
 */
export async function catchUpStore(
  { store, epoch }: CatalogContext,
  loading: Loading,
  before: number,
): Promise<LastWriter> {
  const disown = (): Promise<void> => store.setMeta('epoch', noEpoch);
  await loading.emptyIfLost(disown);
  const isCopy = (await store.copiedAs()) !== null;
  const missing = isCopy ? await loading.staged.unloaded() : [];
  // Noted before anything is loaded: taking over may be tried again from here.
  if (!(await loading.onlyAdd(missing))) await disown();
  await loading.catchUp();
  // A superseded worker may have merged meanwhile what was about to be loaded: nobody knows then what that had dropped.
  while (await loading.emptyIfLost(disown)) await loading.catchUp();
  if (![before, epoch].map(String).includes(String(await store.meta('epoch')))) return 'another';
  if (!isCopy) return 'this';
  // What the store can't load may be in the index.
  const unloaded = new Set(await loading.staged.unloaded());
  return missing.some((batch) => unloaded.has(batch)) ? 'another' : 'copied';
}
