import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import type { RepositoryPlugin } from '../../../core/model/repository.ts';
import { FolderSnapshots } from './folder-snapshots.ts';
import { TdrRepository } from './repository.ts';
import { parseTdrSpec } from './spec.ts';

const path = z.string().refine(isAbsolute, 'must be an absolute path');

const optionsSchema = z.strictObject({
  /** of exported snapshots, each in a folder of its own with its `manifest.json` */
  exports: path,
  /** by name of a snapshot; one that isn't named is seen by nobody */
  readers: z.record(z.string(), z.union([z.literal('everybody'), z.array(z.string().min(1))])).default({}),
  /** for tables and bundles of the snapshots that are read */
  scratch: path.optional(),
  memoryBytes: z
    .int()
    .min(128 * 2 ** 20)
    .default(512 * 2 ** 20),
});

/** Snapshots of the Terra Data Repository, of AnVIL and of the Human Cell Atlas, as their Parquet exports. */
export const tdr: RepositoryPlugin = {
  name: 'tdr',
  async open(options, sources) {
    const result = optionsSchema.safeParse(options);
    if (!result.success) {
      throw new LazuliError('configuration_invalid', `Repository plug-in 'tdr': ${shownIssues(result.error)}`, {
        remedy: 'Give it {"exports": "<absolute path of the folder of exported snapshots>"}.',
      });
    }
    for (const spec of sources) parseTdrSpec(spec);
    const { exports, readers, scratch = tmpdir(), memoryBytes } = result.data;
    mkdirSync(scratch, { recursive: true });
    const snapshots = new FolderSnapshots(exports, readers);
    return new TdrRepository({ snapshots, sources, limits: { folder: scratch, memoryBytes, threads: 2 } });
  },
};

export { tdr as plugin };
