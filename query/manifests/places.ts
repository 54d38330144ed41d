import { LazuliError } from '../../core/config/errors.ts';

/**
 * What callers learn where something is kept that can't be read or written: that, and not where it is. The log has both.
 *
 * @throws LazuliError `unavailable` in the place of `staging_unavailable`, and whatever else the work throws
 */
export async function withoutPlaces<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof LazuliError) || cause.code !== 'staging_unavailable') throw cause;
    throw new LazuliError('unavailable', 'What is needed for manifests can not be read or written at the moment.', {
      remedy: 'Try again in a few seconds.',
      cause,
    });
  }
}
