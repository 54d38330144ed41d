import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import type { Repository, RepositoryPlugin } from '../../../core/model/repository.ts';
import { openApi } from './api/open.ts';
import { repositoryOf } from './api/open-repository.ts';
import { apiSettings, workSettings } from './api/options.ts';
import { FolderSnapshots } from './folder-snapshots.ts';
import { type TdrParts, TdrRepository } from './repository.ts';
import { parseTdrSpec } from './spec.ts';

const folderSettings = workSettings.extend({
  /** of exported snapshots, each in a folder of its own with its `manifest.json` */
  exports: z.string().refine(isAbsolute, 'must be an absolute path'),
  /** by name of a snapshot; one that isn't named is seen by nobody */
  readers: z.record(z.string(), z.union([z.literal('everybody'), z.array(z.string().min(1))])).default({}),
});

/** Snapshots of AnVIL and of the Human Cell Atlas: in the Terra Data Repository, or exported to a folder. */
export const tdr: RepositoryPlugin = {
  name: 'tdr',
  async open(options, sources) {
    const { open, scratch, memoryBytes } = opened(options);
    for (const spec of sources) parseTdrSpec(spec);
    return open({ sources, limits: { folder: scratch, memoryBytes, threads: 2 } });
  },
};

type Opened = z.output<typeof workSettings> & {
  readonly open: (parts: Omit<TdrParts, 'snapshots'>) => Repository;
};

function opened(options: unknown): Opened {
  if (typeof options === 'object' && options !== null && 'api' in options) {
    const settings = checked(apiSettings, options);
    return { ...settings, open: (parts) => repositoryOf(openApi(settings), parts) };
  }
  const settings = checked(folderSettings, options);
  const snapshots = new FolderSnapshots(settings.exports, settings.readers);
  return { ...settings, open: (parts) => new TdrRepository({ ...parts, snapshots }) };
}

function checked<T>(schema: z.ZodType<T>, options: unknown): T {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  throw new LazuliError('configuration_invalid', `Repository plug-in 'tdr': ${shownIssues(result.error)}`, {
    remedy:
      'Give it {"api": "<URL>", "accounts": {"indexer": "<key file>"}}, or {"exports": "<absolute path of the folder of exported snapshots>"}.',
  });
}

export { tdr as plugin };
