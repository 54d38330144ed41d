import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import type { RepositoryPlugin } from '../../../core/model/repository.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import { DssRepository } from './repository.ts';
import { authorizeBy, usualAudience } from './service-account.ts';

const hostName = /^[A-Za-z0-9.-]+(:\d{1,5})?$/;

const optionsSchema = z.strictObject({
  replica: z.enum(['aws', 'gcp']).default('aws'),
  /** of the DRS server that has the data files; absent: documents don't say where they are */
  drsDomain: z.string().regex(hostName, 'must be a host, with or without a port').optional(),
  /** of one bundle */
  filesAtOnce: z.int().min(1).max(64).default(8),
  /** to one store, by one process */
  requestsAtOnce: z.int().min(1).max(256).default(32),
  /** key file of the service account that subscribes; absent: the one that GOOGLE_APPLICATION_CREDENTIALS names */
  credentials: z.string().refine(isAbsolute, 'must be an absolute path').optional(),
  /** of its tokens, as the stores want it */
  audience: z.string().min(1).default(usualAudience),
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
    const { replica, drsDomain, filesAtOnce, requestsAtOnce, credentials, audience } = result.data;
    const file = credentials ?? process.env.GOOGLE_APPLICATION_CREDENTIALS;
    const authorize = file === undefined ? undefined : authorizeBy({ file, audience, clock: systemClock });
    const limits = { filesAtOnce, requestsAtOnce };
    return new DssRepository({ sources, replica, drsDomain, ...limits, authorize, clock: systemClock });
  },
};

export { dss as plugin };
