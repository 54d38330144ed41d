import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import type { RepositoryPlugin } from '../../../core/model/repository.ts';
import { CannedRepository } from './repository.ts';

const optionsSchema = z.strictObject({ folder: z.string().refine(isAbsolute, 'must be an absolute path') });

/**
 * A folder of bundles as files with a `bundles.json` that says which bundle is in which file (see
 * `index-file.ts`). For samples, tests and small installations. The folder may grow while it
 * is being read.
 */
export const canned: RepositoryPlugin = {
  name: 'canned',
  async open(options, sources) {
    const result = optionsSchema.safeParse(options);
    if (!result.success) {
      throw new LazuliError('configuration_invalid', `Repository plug-in 'canned': ${shownIssues(result.error)}`, {
        remedy: 'Give it {"folder": "<absolute path of the folder with bundles.json>"}.',
      });
    }
    const repository = new CannedRepository(result.data.folder, sources);
    await repository.listSources(new AbortController().signal).catch((error: unknown) => {
      throw notUsable(error);
    });
    return repository;
  },
};

/** What would be waited for later is a mistake of the configuration while the repository is opened. */
function notUsable(error: unknown): unknown {
  if (!(error instanceof LazuliError)) return error;
  if (error.cause instanceof LazuliError) return error.cause;
  return new LazuliError('configuration_invalid', error.message, {
    remedy: 'Name a folder that has a readable bundles.json.',
    cause: error,
  });
}

export { canned as plugin };
