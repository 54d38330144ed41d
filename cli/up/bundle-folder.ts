import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { isCatalogName } from '../../config/catalogs.ts';
import { LazuliError } from '../../config/errors.ts';
import { sourceRefSchema, versionSchema } from '../../config/identities.ts';
import type { SourceRef } from '../../config/sources.ts';
import { wholeJson } from '../../config/text.ts';
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

const sourceSchema = sourceRefSchema.strict();

/** What `bundles.json` says to us beyond what it says to the repository plug-in. */
const extraSchema = z.looseObject({
  catalog: z.string().refine(isCatalogName, 'is no name of a catalog').default('hca'),
  metadata: z.string().default('hca'),
  source: sourceSchema.optional(),
  deletions: z
    .array(
      z.looseObject({
        uuid: z.string(),
        version: versionSchema,
        source: z.union([sourceSchema, sourceRefSchema.shape.id]).optional(),
      }),
    )
    .default([]),
});

/** @throws LazuliError `configuration_invalid` naming file and member */
export function readBundleFolder(given: string): BundleFolder {
  const folder = resolve(given);
  const path = join(folder, 'bundles.json');
  const text = read(path);
  const { sources, bundles } = parseIndexFile(text, path);
  const extra = extraSchema.safeParse(wholeJson(text));
  if (!extra.success) throw invalid(`${path}: ${z.prettifyError(extra.error)}`);
  const { catalog, metadata, deletions, source: common } = extra.data;
  const sourceOf = (named: SourceRef | string | undefined): SourceRef => {
    const found = typeof named === 'string' ? sources.get(named)?.ref : (named ?? common);
    if (found === undefined) throw invalid(`${path}: a deletion names no source that is known`);
    return found;
  };
  const additions = [...bundles.values()].map(({ uuid, version, source }) => ({
    action: 'add' as const,
    uuid,
    version,
    source,
  }));
  const removals = deletions.map(({ uuid, version, source }) => ({
    action: 'delete' as const,
    uuid,
    version,
    source: sourceOf(source),
  }));
  return {
    folder,
    catalog,
    metadata,
    sources: [...sources.values()].map(({ ref }) => ref),
    actions: [...additions, ...removals],
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new LazuliError('configuration_invalid', `${path}: ${(cause as Error).message}`, {
      remedy: 'Name a folder that has a bundles.json; `lazuli generate` makes one.',
      cause,
    });
  }
}

function invalid(message: string): LazuliError {
  return new LazuliError('configuration_invalid', message, { remedy: 'Correct bundles.json.' });
}
