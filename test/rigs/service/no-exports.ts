import { LazuliError } from '../../../core/config/errors.ts';
import type { OpenExports } from '../../../query/manifests/exports.ts';

/** Of a service whose tests are not about exports. */
export const noExports: OpenExports = async () => {
  throw new LazuliError('unavailable', 'There are no exports here.');
};
