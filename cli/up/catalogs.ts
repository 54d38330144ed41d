import { existsSync, readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { type Catalog, catalogSchema } from '../../core/config/catalogs.ts';
import { parsedJson } from '../../core/config/text.ts';
import { replaceFile } from '../replace-file.ts';
import type { BundleFolder } from './bundle-folder.ts';

type Catalogs = Readonly<Record<string, Catalog>>;
const catalogsSchema = z.record(z.string(), catalogSchema);

/** The catalog that a folder of bundles makes. */
export function catalogOf({ folder, catalog, metadata, sources }: BundleFolder): Catalog {
  return {
    atlas: metadata,
    internal: catalog.endsWith('-it'),
    plugins: { metadata: { name: metadata }, repository: { name: 'canned', folder } },
    sources: sources.map(({ spec }) => spec),
  };
}

/**
 * A catalog as it is configured, with what has changed in its folder since the last start: what a person has edited
 * meanwhile stays.
 *
 * @param now what the folder makes
 * @param before what it made at the last start, where that is known
 */
export function withChanges(now: Catalog, before: Catalog | undefined, configured: Catalog | undefined): Catalog {
  if (configured === undefined) return now;
  const then = before ?? lastKnown(now, configured);
  const changed = <T>(ours: T, theirs: T, edited: T): T => (isDeepStrictEqual(ours, theirs) ? edited : ours);
  return {
    atlas: changed(now.atlas, then.atlas, configured.atlas),
    internal: changed(now.internal, then.internal, configured.internal),
    plugins: {
      metadata: changed(now.plugins.metadata, then.plugins.metadata, configured.plugins.metadata),
      repository: changed(now.plugins.repository, then.plugins.repository, configured.plugins.repository),
    },
    sources: [
      ...configured.sources.filter((source) => now.sources.includes(source) || !then.sources.includes(source)),
      ...now.sources.filter((source) => !then.sources.includes(source) && !configured.sources.includes(source)),
    ],
    // No folder says anything of it.
    ...(configured.index === undefined ? {} : { index: configured.index }),
  };
}

/** Without a memory whatever differs was edited, but for where the bundles are and sources that are new. */
function lastKnown(now: Catalog, { plugins, sources }: Catalog): Catalog {
  return {
    ...now,
    plugins: { metadata: now.plugins.metadata, repository: plugins.repository },
    sources: sources.filter((source) => now.sources.includes(source)),
  };
}

/** What folders made at the last start, as `rememberCatalogs` left it; nothing where it can't be read. */
export function rememberedCatalogs(file: string): Catalogs {
  if (!existsSync(file)) return {};
  try {
    return catalogsSchema.parse(parsedJson(readFileSync(file)));
  } catch {
    // of another version, or torn: then nothing has changed, and the configuration stays as it is
    return {};
  }
}

export function rememberCatalogs(file: string, catalogs: Catalogs): void {
  replaceFile(file, JSON.stringify({ ...rememberedCatalogs(file), ...catalogs }));
}
