import { bounded } from '../core/config/bounded.ts';
import { LazuliError } from '../core/config/errors.ts';
import { type EntityIds, entityIds } from '../core/model/entity-ids.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import {
  documentsTable,
  type NormalizedBundle,
  type NormalizedEntity,
  replicasRole,
} from '../core/model/normalized.ts';
import { faulty } from './plugin-faults.ts';

/**
 * Checks entities, and which rows they have under which role, against the declarations of a plug-in: what can't be stored,
 * or would be left out of documents unnoticed, is refused here, bundle by bundle.
 */
export class CheckedRelations {
  /** tables of whose rows a role of an entity type consists */
  readonly #types: ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;
  /** of types that say what their ids look like */
  readonly #ids: ReadonlyMap<string, EntityIds>;

  constructor(plugin: MetadataPlugin) {
    const typed = Object.entries(plugin.entityTypes).map(
      ([type, { roles }]) => [type, new Map(Object.keys(roles).map((role) => [role, tablesIn(plugin, role)]))] as const,
    );
    this.#types = new Map(typed);
    const declared = Object.entries(plugin.entityTypes).filter(([, { id }]) => id !== undefined);
    this.#ids = new Map(declared.map(([type, of]) => [type, entityIds(of)]));
  }

  /** @throws LazuliError `plugin_faulty` naming entity and role; `bundle_invalid` for an id that isn't one of its type */
  check({ rows, sets, entities }: NormalizedBundle): void {
    const tables = sets.map((set, i) => tablesOf(set, i + 1, rows));
    const seen = new Map<string, Set<string>>();
    for (const entity of entities) {
      const ids = seen.get(entity.type) ?? new Set();
      if (ids.size === 0) seen.set(entity.type, ids);
      if (ids.has(entity.id)) throw faulty('It is there twice', placeOf(entity));
      ids.add(entity.id);
      this.#checkEntity(entity, tables);
    }
  }

  #checkEntity(entity: NormalizedEntity, tables: readonly (readonly string[])[]): void {
    const roles = this.#types.get(entity.type);
    if (roles === undefined) throw faulty(`There is no entity type '${entity.type}'`, placeOf(entity));
    const ids = this.#ids.get(entity.type);
    if (ids?.fits(entity.id) === false) throw noId(entity, ids);
    for (const role of Object.keys(entity.sets)) {
      const number = entity.sets[role] as number;
      if (number === 0) continue;
      const declared = roles.get(role);
      if (declared === undefined) throw faulty(`${entity.type} has no role '${role}'`, placeOf(entity, role));
      const found = tables[number - 1];
      if (found === undefined)
        throw faulty(`Role ${role} has set ${number} of ${tables.length}`, placeOf(entity, role));
      for (const table of found)
        if (!declared.has(table)) throw faulty(`Role ${role} has rows of table '${table}'`, placeOf(entity, role));
    }
  }
}

/** Nobody could look it up. */
const noId = (entity: NormalizedEntity, { pattern }: EntityIds): LazuliError =>
  new LazuliError('bundle_invalid', `'${bounded(entity.id)}' is no id of ${entity.type}`, {
    place: placeOf(entity),
    remedy: `Give it an id that matches ${pattern} in its repository, then redrive.`,
  });

const tablesIn = ({ roles }: MetadataPlugin, role: string): ReadonlySet<string> =>
  new Set(role === replicasRole ? [documentsTable] : Object.keys(roles[role]?.tables ?? {}));

const placeOf = ({ type, id }: NormalizedEntity, field = '$') => ({ entity: `${type}/${id}`, field });

/** The tables of the rows of a set: few, and mostly one after the other. */
function tablesOf(set: readonly number[], number: number, rows: NormalizedBundle['rows']): readonly string[] {
  const tables: string[] = [];
  let last: string | undefined;
  let before = -1;
  for (const index of set) {
    const row = rows[index];
    if (row === undefined) throw faulty(`Set ${number} has row ${index} of ${rows.length}`);
    if (index <= before) throw faulty(`Set ${number} has row ${index} after row ${before}: rows must ascend`);
    before = index;
    if (row.table === last) continue;
    last = row.table;
    if (!tables.includes(last)) tables.push(last);
  }
  return tables;
}
