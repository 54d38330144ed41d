import type { Settings } from '../core/config/settings.ts';
import { isRested } from '../core/runtime/rest.ts';

/** What closes a micro-batch. Rows over all tables; bytes of bundles as fetched; milliseconds. */
export type ClosingLimits = Pick<Settings['limits'], 'batchRows' | 'batchBundles' | 'batchBytes' | 'batchMillis'>;

/** How much there is. */
export interface Extent {
  readonly rows: number;
  readonly bundles: number;
  readonly bytes: number;
}

/** Whether nothing more should be added. */
export function isFull({ rows, bundles, bytes }: Extent, limits: ClosingLimits): boolean {
  return rows >= limits.batchRows || bundles >= limits.batchBundles || bytes >= limits.batchBytes;
}

/** Whether more would go beyond the limits. What is too big for any batch is a batch on its own. */
export function wouldOverflow(batch: Extent, more: Extent, limits: ClosingLimits): boolean {
  if (batch.bundles === 0) return false;
  return (
    batch.rows + more.rows > limits.batchRows ||
    batch.bundles + more.bundles > limits.batchBundles ||
    batch.bytes + more.bytes > limits.batchBytes
  );
}

/** Batches that close because no records wait are at least this part of `batchMillis` apart. */
const idleSpacing = 0.25;

/**
 * Whether time has come: after `batchMillis`, or at once where no more records are to be had, so that
 * a lone notification doesn't wait. A trickle of them still makes few batches.
 *
 * @param opened when the batch got its first bundle
 * @param flushed when the batch before was closed
 */
export function isDue(
  { opened, flushed, idle }: { opened: number; flushed: number; idle: boolean },
  limits: ClosingLimits,
  now: number,
): boolean {
  const { batchMillis } = limits;
  const isOver = (since: number, millis: number): boolean => isRested({ since, millis }, now);
  return isOver(opened, batchMillis) || (idle && isOver(flushed, batchMillis * idleSpacing));
}
