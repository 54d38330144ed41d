import type { CatalogChange, CatalogsChange, ChangeCounts } from '../../core/catalogs/changes.ts';
import type { Settings } from '../../core/config/settings.ts';

/** Of each list, for people; `--json` has all. */
const maxShown = 10;

/** What differs, as lines. */
export function describeChange({ added, removed, changed, defaultCatalog }: CatalogsChange): readonly string[] {
  const lines = [
    ...listed('+ catalog', added),
    ...listed('- catalog', removed),
    ...changed.flatMap(describeCatalog),
    ...(defaultCatalog === null
      ? []
      : [`default catalog: ${shown(defaultCatalog.from)} → ${shown(defaultCatalog.to)}`]),
  ];
  return lines.length === 0 ? ['nothing differs but the order'] : lines;
}

function describeCatalog({ catalog, sourcesAdded, sourcesRemoved, settings }: CatalogChange): readonly string[] {
  const members = settings.map(({ member, from, to }) => `${member}: ${shown(from)} → ${shown(to)}`);
  return [
    `catalog ${catalog}: ${sourcesAdded.length} sources added, ${sourcesRemoved.length} removed, ${settings.length} settings changed`,
    ...[...listed('+', sourcesAdded), ...listed('-', sourcesRemoved), ...listed('~', members)].map(
      (line) => `  ${line}`,
    ),
  ];
}

function listed(sign: string, names: readonly string[]): readonly string[] {
  const rest = names.length - maxShown;
  return [...names.slice(0, maxShown).map((name) => `${sign} ${name}`), ...(rest > 0 ? [`… and ${rest} more`] : [])];
}

const shown = (value: unknown): string => (value === undefined ? 'absent' : JSON.stringify(value));

/** The same in a few words. */
export function describeCounts(counts: ChangeCounts): string {
  const parts = [
    [counts.catalogsAdded, 'catalogs added'],
    [counts.catalogsRemoved, 'catalogs removed'],
    [counts.catalogsChanged, 'catalogs changed'],
    [counts.sourcesAdded, 'sources added'],
    [counts.sourcesRemoved, 'sources removed'],
  ] as const;
  const some = parts.filter(([n]) => n > 0).map(([n, what]) => `${n} ${what}`);
  return some.length === 0 ? 'the order' : some.join(', ');
}

/** What is left to do after a version was put: taking catalogs over is not enough for all of it. */
export function toDo(change: CatalogsChange, { catalogsFrom }: Pick<Settings, 'catalogsFrom'>): readonly string[] {
  const of = (has: (one: CatalogChange) => boolean) => change.changed.filter(has).map(({ catalog }) => catalog);
  const gained = [...change.added, ...of(({ sourcesAdded }) => sourcesAdded.length > 0)];
  const lost = of(({ sourcesRemoved }) => sourcesRemoved.length > 0);
  return [
    ...(catalogsFrom === undefined
      ? [
          'Nothing takes it over: the settings of this deployment have catalogs of their own. Replace them by `"catalogsFrom": "staging"`.',
        ]
      : ['Processes take it over when they start.']),
    ...gained.map(
      (name) =>
        `New sources of ${name} have nothing indexed yet: \`lazuli reindex --from repository --missing --catalog ${name}\`.`,
    ),
    ...lost.map(
      (name) =>
        `Sources that ${name} has no more show no longer, but their data stays: \`lazuli source list --catalog ${name}\` lists them, \`lazuli source remove ID --catalog ${name}\` deletes what one has.`,
    ),
    ...change.added.map(
      (name) =>
        `Catalog ${name} needs a transform worker. In AWS: name it in the file of the stack, then \`pulumi up\`.`,
    ),
    ...change.removed.map(
      (name) =>
        `Catalog ${name} shows no longer, but its indices and staged batches stay: docs/operating-tasks.md, "Change catalogs".`,
    ),
  ];
}
