/** A batch in the store. */
export interface SizedBatch {
  readonly batch: string;
  /** of all its files */
  readonly bytes: number;
}

/** Batches of about one size that make one of the next size. */
const together = 8;
/** Batches up to this size are of the smallest size. */
const smallest = 128 * 2 ** 10;
/** A batch as large as this stays as it is: it bounds the memory and the time that one table takes. */
const largest = 8 * 2 ** 20;
/** of what is merged into one: at least two batches, and no more than one removed source has to pay for */
export const mostBytes = 2 * largest;
const mostBatches = 64;

/**
 * Which batches to merge next: the oldest of the smallest size of which there are enough. So a batch is merged once for
 * each size, and there are never more than a few of each size besides those that are as large as they get.
 *
 * @param batches in the order of time
 * @returns null where there are few enough
 */
export function nextMerge(batches: readonly SizedBatch[]): readonly string[] | null {
  const bySize = Map.groupBy(
    batches.filter(({ bytes }) => bytes < largest),
    sizeOf,
  );
  for (const [, same] of [...bySize].sort(([a], [b]) => a - b)) {
    if (same.length < together) continue;
    const merged: string[] = [];
    let left = mostBytes;
    for (const { batch, bytes } of same.slice(0, mostBatches)) {
      if (bytes > left) break;
      left -= bytes;
      merged.push(batch);
    }
    return merged;
  }
  return null;
}

function sizeOf({ bytes }: SizedBatch): number {
  return Math.max(0, Math.ceil(Math.log(bytes / smallest) / Math.log(together)));
}
