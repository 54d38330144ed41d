import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LazuliError } from '../../core/config/errors.ts';
import type { SourceRef } from '../../core/config/sources.ts';
import { jsonTextOf } from '../../core/config/text.ts';
import { parseIndexFile } from '../../plugins/repository/canned/index-file.ts';
import type { BundleAction } from '../pipeline/fed.ts';

/** A notification to be posted, with all that the endpoint wants. */
export type FullBundleAction = BundleAction & { readonly source: SourceRef };

/** A folder of canned bundles, and what to post to have it indexed: additions first, then deletions. */
export interface BundleFolder {
  /** absolute */
  readonly folder: string;
  readonly catalog: string;
  /** name of the metadata plug-in that reads the bundles */
  readonly metadata: string;
  readonly sources: readonly SourceRef[];
  readonly actions: readonly FullBundleAction[];
}

/** @throws LazuliError `configuration_invalid` naming file and member */
export function readBundleFolder(given: string): BundleFolder {
  const folder = resolve(given);
  const path = join(folder, 'bundles.json');
  const { catalog, metadata, sources, bundles, deletions } = parseIndexFile(read(path), path);
  const additions = [...bundles.values()].map(({ uuid, version, source }) => ({
    action: 'add' as const,
    uuid,
    version,
    source,
  }));
  return {
    folder,
    catalog,
    metadata,
    sources: [...sources.values()].map(({ ref }) => ref),
    actions: [...additions, ...deletions.map((deletion) => ({ action: 'delete' as const, ...deletion }))],
  };
}

function read(path: string): string {
  try {
    return jsonTextOf(readFileSync(path));
  } catch (cause) {
    throw new LazuliError('configuration_invalid', `${path}: ${(cause as Error).message}`, {
      remedy: 'Name a folder that has a bundles.json; `lazuli generate` makes one.',
      cause,
    });
  }
}
