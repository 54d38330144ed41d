import type { Clock } from '../../../../core/runtime/ports.ts';
import { Failure } from './failure.ts';

/** What the established system waited between attempts (specification, repository-plugins 4.3). */
const delaysMillis = [10_000, 20_000, 40_000, 80_000];

/**
 * Does something again where BigQuery was busy or failed itself.
 *
 * @throws Failure the last one; or the signal's reason
 */
export async function retrying<T>(work: () => Promise<T>, clock: Clock, signal: AbortSignal): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const failure = Failure.of(error);
      const delay = delaysMillis[attempt];
      if (delay === undefined || !failure.mayPass) throw failure;
      await clock.sleep(delay, signal);
    }
  }
}
