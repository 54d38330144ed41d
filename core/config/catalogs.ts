import { z } from 'zod';
import { accessRules } from './access-rules.ts';
import { drsSettings } from './drs-settings.ts';
import { LazuliError } from './errors.ts';
import { maxShown, shownIssues, shownProblems } from './issues.ts';
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
export function defaultCatalog(catalogs: Catalogs): string {
  const [first] = Object.keys(catalogs);
  if (first === undefined) {
    throw new LazuliError('configuration_invalid', 'No catalog is configured.', {
      remedy: 'Add one under `catalogs`.',
    });
  }
  return first;
}

/** By name; the first one is the default. */
export type Catalogs = Readonly<Record<string, Catalog>>;

/** @throws LazuliError `configuration_invalid`, with the first ten mistakes and how many more there are */
export function parseCatalogs(input: unknown, origin: string): Catalogs {
  const { success, data, error } = z.record(z.string(), catalogSchema).safeParse(input);
  if (!success) {
    throw new LazuliError('configuration_invalid', `${origin}: ${shownIssues(error)}`, {
      remedy: 'Correct the members named above.',
    });
  }
  checkCatalogs(data, origin);
  return data;
}

/** What the schema doesn't say. @throws LazuliError `configuration_invalid`, as above */
export function checkCatalogs(catalogs: Catalogs, origin: string): void {
  defaultCatalog(catalogs);
  const found = Object.entries(catalogs).flatMap(([name, catalog]) => mistakesIn(name, catalog));
  if (found.length === 0) return;
  const remedies = [...new Set(found.slice(0, maxShown).map(({ remedy }) => remedy))];
  const shown = shownProblems(found.map(({ problem }) => problem));
  throw new LazuliError('configuration_invalid', `${origin}: ${shown}`, { remedy: remedies.join(' ') });
}

interface Mistake {
  readonly problem: string;
  readonly remedy: string;
}

function mistakesIn(name: string, { internal, sources }: Catalog): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  if (!isCatalogName(name)) {
    const remedy = `Use at most ${maxCatalogName} characters that match ${catalogNamePattern}.`;
    mistakes.push({ problem: `catalog name '${name}' is not allowed`, remedy });
  }
  if (name === reservedName)
    mistakes.push({ problem: `catalog name '${name}' is not allowed`, remedy: 'Choose another one: paths begin so.' });
  if (name.endsWith('-it') && !internal) {
    const problem = `catalog '${name}' is an integration-test catalog, which is not allowed to be public`;
    mistakes.push({ problem, remedy: 'Set its `internal` to true.' });
  }
  for (const spec of sources) {
    const mistake = sourceMistake(spec);
    if (mistake !== null) mistakes.push({ ...mistake, problem: `catalog '${name}': ${mistake.problem}` });
  }
  return mistakes;
}

function sourceMistake(spec: string): Mistake | null {
  try {
    parseSourceSpec(spec);
    return null;
  } catch (error) {
    const { message, remedy = '' } = error as LazuliError;
    return { problem: message, remedy };
  }
}
