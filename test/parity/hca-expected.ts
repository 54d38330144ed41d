import type { BundleFqid } from '../../core/model/bundle.ts';
import { documentFields } from '../../core/model/fields.ts';
import {
  type Aggregate,
  type Column,
  type Json,
  type MetadataPlugin,
  type Role,
  setOf,
  type Table,
} from '../../core/model/metadata.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import type { Reduced } from '../../transform/reference/document.ts';
import { documentDifferences, type InnerEntities, type Members } from '../rigs/difference.ts';
import { canonical } from '../rigs/hca/canonical.ts';
import { expected } from '../rigs/hca/shared.ts';
import type { Addition } from '../rigs/transform/reducer.ts';

interface ExpectedContribution {
  readonly entity_type: string;
  readonly document: {
    readonly entity_id: string;
    readonly source: BundleFqid['source'];
    readonly bundle_uuid: string;
    readonly bundle_version: string;
    readonly contents: InnerEntities;
  };
}

interface ExpectedAggregate {
  readonly entity_type: string;
  readonly id: string;
  readonly document: Members;
}

/** The expected contributions, by bundle, as what the reference reducer reduces. */
export function expectedAdditions(): readonly Addition[] {
  const additions = new Map<string, Addition & { contributions: Addition['contributions'][number][] }>();
  for (const { entity_type: type, document } of expected<ExpectedContribution>('contributions.ndjson.gz')) {
    const { entity_id: id, source, bundle_uuid: uuid, bundle_version: version, contents } = document;
    const name = `${uuid}.${version}`;
    const known = additions.get(name);
    const fqid = { source, uuid, version };
    const addition = known ?? { fqid, normalizerVersion: 1, contentHash: '', attributes: '', contributions: [] };
    addition.contributions.push({ type, id, contents });
    additions.set(name, addition);
  }
  return [...additions.values()];
}

/** A plug-in whose sets keep all their values. */
export function withoutLimits(plugin: MetadataPlugin): MetadataPlugin {
  const unlimited = (aggregate: Aggregate = setOf(null)): Aggregate =>
    'limit' in aggregate ? ({ ...aggregate, limit: Number.POSITIVE_INFINITY } as Aggregate) : aggregate;
  const column = (declared: Column): Column => ({ ...declared, aggregate: unlimited(declared.aggregate) }) as Column;
  const table = ({ columns, idAggregate }: Table): Table => ({
    columns: mapped(columns, column),
    idAggregate: unlimited(idAggregate) as NonNullable<Table['idAggregate']>,
  });
  const role = (declared: Role): Role => ({
    ...declared,
    collapsedOnly: mapped(declared.collapsedOnly ?? {}, ({ of, aggregate }) => ({
      of,
      aggregate: unlimited(aggregate),
    })),
  });
  return { ...plugin, tables: mapped(plugin.tables, table), roles: mapped(plugin.roles, role) };
}

function mapped<A, B>(members: Readonly<Record<string, A>>, to: (member: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(members).map(([name, member]) => [name, to(member)]));
}

/** The expected aggregates by `<entity type>/<entity id>`. */
export function expectedAggregates(): ReadonlyMap<string, Members> {
  const lines = [...expected<ExpectedAggregate>('aggregates.ndjson.gz')];
  return new Map(lines.map(({ entity_type, id, document }) => [`${entity_type}/${id}`, document]));
}

/**
 * What differs between a document of ours and the expected one. Of a set that its limit cut the
 * established system kept whichever values came first: there, both must have as many values, all of
 * the full set, and ours must be the smallest (`docs/differences.md`).
 *
 * @param full the document without limits
 */
export function aggregateDifferences(type: string, ours: Members, theirs: Members, full: Reduced): string[] {
  const limited = new Map<string, Set<string>>();
  const problems: string[] = [];
  for (const field of documentFields(hca, type)) {
    const { aggregate, role, name } = field;
    if (field.shape !== 'collapsed' || aggregate.kind !== 'set' || aggregate.limit === null) continue;
    for (const whole of full.contents[role] ?? []) {
      const all = whole[name];
      if (!Array.isArray(all) || all.length <= aggregate.limit) continue;
      limited.set(role, (limited.get(role) ?? new Set()).add(name));
      const [mine, yours] = [ours, theirs].map((document) => groupOf(document, role, whole)[name]);
      problems.push(...cutDifferences(`${role}.${name}`, mine, yours, all, aggregate.limit));
    }
  }
  return [...problems, ...documentDifferences(omitted(ours, limited), omitted(theirs, limited))];
}

function cutDifferences(path: string, ours: unknown, theirs: unknown, all: readonly Json[], limit: number): string[] {
  const smallest = all.slice(0, limit);
  const kept = Array.isArray(theirs) ? (theirs as readonly Json[]) : [];
  const foreign = kept.filter((value) => !all.includes(value));
  return [
    ...(canonical(ours) === canonical(smallest) ? [] : [`${path}: not the ${limit} smallest of ${all.length}`]),
    ...(kept.length === limit ? [] : [`${path}: ${limit} values where ${kept.length} are expected`]),
    ...(foreign.length === 0 ? [] : [`${path}: expected, but in no contribution: ${foreign.join()}`]),
  ];
}

/** The inner entity of the same group; where there are no groups, the only one. */
function groupOf(document: Members, role: string, like: Members): Members {
  const groupBy = hca.roles[role]?.groupBy ?? [];
  const inner = (document.contents as InnerEntities)[role] ?? [];
  return inner.find((entity) => groupBy.every((name) => canonical(entity[name]) === canonical(like[name]))) ?? {};
}

function omitted({ contents, ...members }: Members, fields: ReadonlyMap<string, ReadonlySet<string>>): Members {
  const roles = Object.entries(contents as InnerEntities).map(([role, inner]) => {
    const isKept = ([name]: readonly [string, unknown]) => fields.get(role)?.has(name) !== true;
    return [role, inner.map((entity) => Object.fromEntries(Object.entries(entity).filter(isKept)))];
  });
  return { ...members, contents: Object.fromEntries(roles) };
}
