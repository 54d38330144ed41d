import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import type { RepositoryPlugin } from '../../../core/model/repository.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { DssRepository } from './repository.ts';

const hostName = /^[A-Za-z0-9.-]+(:\d{1,5})?$/;

const optionsSchema = z.strictObject({
  replica: z.enum(['aws', 'gcp']).default('aws'),
  /** of the DRS server that has the data files; absent: documents don't say where they are */
  drsDomain: z.string().regex(hostName, 'must be a host, with or without a port').optional(),
  /** of one bundle */
  filesAtOnce: z.int().min(1).max(64).default(8),
  /** to one store, by one process */
  requestsAtOnce: z.int().min(1).max(256).default(32),
});

/** Data stores (DSS), which the established system began with. */
export const dss: RepositoryPlugin = {
  name: 'dss',
  async open(options, sources) {
    const result = optionsSchema.safeParse(options);
    if (!result.success) {
      throw new LazuliError('configuration_invalid', `Repository plug-in 'dss': ${shownIssues(result.error)}`, {
        remedy: 'Give it {"drsDomain": "<host of the DRS server>"}, and name the stores under `sources`.',
      });
    }
    const { replica, drsDomain, filesAtOnce, requestsAtOnce } = result.data;
    return new DssRepository({ sources, replica, drsDomain, filesAtOnce, requestsAtOnce, clock: systemClock });
  },
};

export { dss as plugin };
