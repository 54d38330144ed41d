import type { EntityType, MetadataPlugin, Role } from '../../../../core/model/metadata.ts';
import { documentsTable, type NormalizedBundle, replicasRole } from '../../../../core/model/normalized.ts';
import { contractVersion, type Plugins } from '../../../../plugins/contract.ts';
import { manifests } from '../../../../plugins/metadata/hca/declared/manifests.ts';
import { hca } from '../../../../plugins/metadata/hca/plugin.ts';

/** Roles that documents have here. */
const shown: ReadonlySet<string> = new Set(['files', 'cell_suspensions', 'projects', 'samples', replicasRole]);

function picked<T>(all: Readonly<Record<string, T>>, isPicked: (name: string) => boolean): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([name]) => isPicked(name)));
}

const isShown = (role: string): boolean => shown.has(role);
const roles: Readonly<Record<string, Role>> = picked(hca.roles, isShown);
const used = new Set([documentsTable, ...Object.values(roles).flatMap(({ tables }) => Object.keys(tables))]);
const isUsed = (table: string): boolean => used.has(table);

const withFewRoles = ({ roles: shapes, ...type }: EntityType): EntityType => ({
  ...type,
  roles: picked(shapes, isShown),
});

/** Leaves out rows that no role shows; the numbers of the others, and of sets that still have members, close ranks. */
function withFewRows({ rows, sets, entities }: NormalizedBundle): NormalizedBundle {
  const kept = rows.flatMap(({ table }, number) => (isUsed(table) ? [number] : []));
  const rowNumbers = new Map(kept.map((number, index) => [number, index]));
  const members = sets.map((set) => set.flatMap((number) => rowNumbers.get(number) ?? []));
  const filled = members.filter((set) => set.length > 0);
  const numberOf = (set: number): number => filled.indexOf(members[set - 1] ?? []) + 1;
  return {
    rows: rows.filter(({ table }) => isUsed(table)),
    sets: filled,
    entities: entities.map(({ sets: own, ...entity }) => {
      const numbers = Object.entries(own).map(([role, set]) => [role, numberOf(set)] as const);
      return { ...entity, sets: Object.fromEntries(numbers.filter(([role, number]) => isShown(role) && number > 0)) };
    }),
  };
}

const { summary: _summary, hit: _hit, ...others } = hca;
const { bag: _bag, pfb: _pfb, ...tables } = manifests;

/**
 * The data model of the Human Cell Atlas with a fifth of its roles: the same bundles, entities and relations, for tests
 * of what becomes of documents, not of what they say. Planning statements and mapping fields costs a fraction.
 */
export const leanHca: MetadataPlugin = {
  ...others,
  name: 'lean',
  tables: picked(hca.tables, isUsed),
  roles,
  entityTypes: Object.fromEntries(Object.entries(hca.entityTypes).map(([name, type]) => [name, withFewRoles(type)])),
  manifests: { ...tables, formats: ['compact'] },
  normalize: (bundle) => withFewRows(hca.normalize(bundle)),
  present: (document) => document,
};

/** Where settings find it. */
export const leanFolder = import.meta.dirname;

/** @public For settings that name the folder. */
export const plugins: Plugins = { contract: contractVersion, metadata: [leanHca] };
