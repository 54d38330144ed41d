import { LazuliError } from '../config/errors.ts';
import type { Records } from '../streams/ports.ts';
import { maxEpoch } from './sink/outcome.ts';

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
  const first = noted === records ? 0 : await lastEpoch(noted, catalog);
  for (;;) {
    const before = Math.max(first, await lastEpoch(records, catalog));
    const epoch = before + 1;
    if (epoch > maxEpoch) throw new LazuliError('store_exhausted', `Catalog ${catalog} has used up all epochs`);
    const note = new TextEncoder().encode(JSON.stringify({ owner }));
    if (!(await records.putIfAbsent(epochKey(catalog, epoch), note))) continue;
    if (noted !== records) await noted.put(epochKey(catalog, epoch), note);
    return { epoch, before };
  }
}

/** @throws LazuliError `superseded` when another worker has taken the catalog over since */
export async function expectOwned(records: Records, catalog: string, epoch: number): Promise<void> {
  const last = await lastEpoch(records, catalog);
  if (last > epoch) throw superseded(`its epoch is ${last}, this worker's is ${epoch}`);
}

/** What ends a worker that another one has replaced. */
export function superseded(reason: string): LazuliError {
  return new LazuliError('superseded', `Another worker owns this catalog: ${reason}`, {
    remedy: 'This worker stops and drops its work; the other one does it.',
  });
}

async function lastEpoch(records: Records, catalog: string): Promise<number> {
  let last = 0;
  for await (const key of records.list(`${catalog}/epochs/`)) last = Number(key.slice(key.lastIndexOf('/') + 1));
  return last;
}

const epochKey = (catalog: string, epoch: number): string => `${catalog}/epochs/${String(epoch).padStart(8, '0')}`;
