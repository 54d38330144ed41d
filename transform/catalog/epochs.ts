import { LazuliError } from '../../core/config/errors.ts';
import type { Records } from '../../core/runtime/ports.ts';
import { maxEpoch, superseded } from '../sink/outcome.ts';
import type { CatalogContext } from './context.ts';
import { lastTaken, noteTaken, takeNumber } from './taken-numbers.ts';

/**
 * Takes the next epoch of a catalog: a number that no other worker has or had, whatever became of its
 * store (architecture, invariant 9). Epochs are records that are only ever created.
 *
 * @param noted where they are written down, too, so that either place may be lost; epochs may have been taken there before
 * @returns the epoch taken and the one before it
 */
export async function takeEpoch(
  records: Records,
  catalog: string,
  owner: string,
  noted: Records = records,
): Promise<{ epoch: number; before: number }> {
  const epochs = epochsOf(catalog);
  const first = noted === records ? 0 : await lastTaken(noted, epochs);
  const epoch = await takeNumber(records, epochs, first, { owner }, (number) => {
    if (number > maxEpoch) throw new LazuliError('store_exhausted', `Catalog ${catalog} has used up all epochs`);
  });
  if (noted !== records) await noteTaken(noted, epochs, epoch, { owner });
  return { epoch, before: epoch - 1 };
}

/** @throws LazuliError `superseded` when another worker has taken the catalog over since */
export async function expectOwned({
  records,
  catalog,
  epoch,
}: Pick<CatalogContext, 'records' | 'catalog' | 'epoch'>): Promise<void> {
  const last = await lastTaken(records, epochsOf(catalog));
  if (last > epoch) throw superseded(`its epoch is ${last}, this worker's is ${epoch}`);
}

const epochsOf = (catalog: string): string => `${catalog}/epochs/`;
