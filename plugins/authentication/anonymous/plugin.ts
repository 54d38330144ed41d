import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import { type AuthenticationPlugin, bearerToken } from '../../../core/model/authentication.ts';

/** Everyone is anonymous, and no token is valid. */
export const anonymous: AuthenticationPlugin = {
  name: 'anonymous',
  async open(options) {
    const result = z.strictObject({}).safeParse(options);
    if (!result.success) {
      throw new LazuliError('configuration_invalid', `authentication.${shownIssues(result.error)}`, {
        remedy: "Authentication plug-in 'anonymous' has no options: leave them out.",
      });
    }
    return {
      async identify(authorization) {
        if (authorization === undefined) return { subject: null };
        bearerToken(authorization);
        throw new LazuliError('unauthorized', 'Invalid credentials.', {
          remedy: 'This service knows anonymous callers only: leave out the Authorization header.',
        });
      },
    };
  },
};

export { anonymous as plugin };
