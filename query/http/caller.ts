import { LazuliError } from '../../config/errors.ts';
import type { Context } from '../../http/state.ts';
import type { Repository } from '../../plugins/repository.ts';
import type { AccessibleSources } from '../access.ts';
import type { Identify } from './identity.ts';

/**
 * The sources that the caller may see. Fails closed: where nobody can tell, the request fails.
 *
 * @throws LazuliError `unauthorized`, `unavailable`
 */
export async function callerSources(
  ctx: Context,
  identify: Identify,
  repository: Repository,
): Promise<AccessibleSources> {
  const identity = await identify(ctx.get('Authorization'));
  try {
    return await repository.accessibleSources(identity);
  } catch (cause) {
    throw new LazuliError('unavailable', "The repository can't tell which sources the caller may see.", {
      remedy: 'Try again in a few seconds.',
      cause,
    });
  }
}
