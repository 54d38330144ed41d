import { LazuliError } from '../../../core/config/errors.ts';
import { Tokens } from '../../../core/exports/tokens.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import type { OpenLinks } from '../../../query/downloads/open.ts';
import type { OpenExports } from '../../../query/manifests/exports.ts';

/** Of a service whose tests are not about exports. */
export const noExports: OpenExports = async () => {
  throw new LazuliError('unavailable', 'There are no exports here.');
};

/** Signed with a secret that everybody knows. */
export const someLinks: OpenLinks = async () => ({
  tokens: new Tokens(Buffer.alloc(32, 7), 'test'),
  clock: systemClock,
});
