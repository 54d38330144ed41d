import { LazuliError } from '../core/config/errors.ts';
import { type Owner, ownerOf } from '../core/control/workers.ts';
import { Refused } from '../core/http/ask-json.ts';

/** What the endpoint asks the owners of catalogs. */
export type RunsOwner = Pick<Owner, 'runs' | 'startRun' | 'cancelRun' | 'resumeRun'>;

/** Asks the owner of a catalog. @throws LazuliError `not_found`, `bad_request`, `conflict`, `unavailable` */
export type AskOwner = <T>(catalog: string, asking: (owner: RunsOwner) => Promise<T>) => Promise<T>;

/** An owner begins something new between two steps, which take seconds at most where nothing is wrong. */
const askMillis = 15_000;

/** Asks the transform workers of the deployment. */
export const askOwners =
  (settings: Parameters<typeof ownerOf>[0]): AskOwner =>
  async (catalog, asking) => {
    const owner = ownerOf(settings, catalog, askMillis);
    try {
      return await asking(owner);
    } catch (error) {
      throw passedOn(error);
    }
  };

const refusals: ReadonlyMap<number, 'bad_request' | 'not_found' | 'conflict'> = new Map([
  [400, 'bad_request'],
  [404, 'not_found'],
  [409, 'conflict'],
]);

/** Refusals of the worker go to the caller. Anything else is a fault of ours, and the caller learns that it may try again. */
function passedOn(error: unknown): LazuliError {
  const code = error instanceof Refused ? refusals.get(error.answered) : undefined;
  if (error instanceof Refused && code !== undefined && error.told !== null) return new LazuliError(code, error.told);
  return new LazuliError('unavailable', 'The transform worker of this catalog does not answer.', {
    remedy: 'Try again in a few seconds; what was asked for may have begun meanwhile.',
    cause: error,
  });
}
