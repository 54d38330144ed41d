import { LazuliError } from '../../config/errors.ts';
import type { Identity } from '../../plugins/repository.ts';

/**
 * Tells who calls, from the Authorization header.
 *
 * @throws LazuliError `unauthorized`
 */
export type Identify = (authorization: string) => Promise<Identity>;

/** Without an authentication plug-in everyone is anonymous, and no token is valid. */
export const anonymousOnly: Identify = async (authorization) => {
  if (authorization === '') return { subject: null };
  throw new LazuliError('unauthorized', 'Invalid credentials.', {
    remedy: 'This service knows anonymous callers only: leave out the Authorization header.',
  });
};
