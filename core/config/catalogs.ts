import { z } from 'zod';
import { accessRules } from './access-rules.ts';
import { drsSettings } from './drs-settings.ts';
import { LazuliError } from './errors.ts';
import { parseSourceSpec } from './sources.ts';

/** Specification, indexing 2.4 */
export const catalogNamePattern = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const maxCatalogName = 64;
/** Paths of the indexer begin so. */
const reservedName = 'runs';

/** of a catalog: each search names all that its caller may see */
export const maxSources = 65_536;

const plugin = z.looseObject({ name: z.string().min(1) });

/** How the indices of a catalog are spread over the data nodes of the search cluster. */
const spreadSchema = z.strictObject({
  /** of new indices; another number needs a reindex */
  shards: z.int().min(1).max(64).default(1),
  /** copies of each shard beside the first; absent: one where there are two data nodes or more */
  replicas: z.int().min(0).max(10).optional(),
});

export type Spread = z.output<typeof spreadSchema>;

/** One catalog (specification, indexing 3): plug-ins may carry options of their own beside `name`. */
export const catalogSchema = z.strictObject({
  atlas: z.string().min(1),
  internal: z.boolean().default(false),
  plugins: z.strictObject({ metadata: plugin, repository: plugin }),
  sources: z.array(z.string()).max(maxSources, `has more than ${maxSources} sources: make several catalogs of them`),
  /** who may see which of them, beside what the repository knows of callers; absent: no more is known */
  access: accessRules.optional(),
  index: spreadSchema.optional(),
  /** the DRS servers that have its data files; absent: none is asked */
  drs: drsSettings.optional(),
});

export type Catalog = z.output<typeof catalogSchema>;

export function isCatalogName(name: string): boolean {
  return name.length <= maxCatalogName && catalogNamePattern.test(name);
}

/** The first catalog of the map is the default one. */
export function defaultCatalog(catalogs: Readonly<Record<string, Catalog>>): string {
  const [first] = Object.keys(catalogs);
  if (first === undefined) {
    throw new LazuliError('configuration_invalid', 'No catalog is configured.', {
      remedy: 'Add one under `catalogs`.',
    });
  }
  return first;
}

/** @throws LazuliError `configuration_invalid` */
export function checkCatalogs(catalogs: Readonly<Record<string, Catalog>>, origin: string): void {
  defaultCatalog(catalogs);
  for (const [name, catalog] of Object.entries(catalogs)) {
    if (!isCatalogName(name)) {
      throw invalid(origin, `catalog name '${name}'`, `at most ${maxCatalogName} characters, ${catalogNamePattern}`);
    }
    if (name === reservedName) throw invalid(origin, `catalog name '${name}'`, 'choose another one: paths begin so');
    if (name.endsWith('-it') && !catalog.internal) {
      throw invalid(origin, `catalog '${name}' is an integration-test catalog`, 'set its `internal` to true');
    }
    for (const source of catalog.sources) parseSourceSpec(source);
  }
}

function invalid(origin: string, what: string, remedy: string): LazuliError {
  return new LazuliError('configuration_invalid', `${origin}: ${what} is not allowed`, { remedy });
}
