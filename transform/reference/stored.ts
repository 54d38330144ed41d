import { stored, text } from '../../core/duckdb/sql.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { entitiesTable, membersTable } from '../../core/staged/layout.ts';
import { entityTypeNumber } from '../store/schema.ts';
import type { Row, Store } from '../store/store.ts';
import type { Contribution, InnerEntities } from './contribution.ts';
import type { Entity } from './document.ts';
import { type InnerRow, innerEntity } from './inner.ts';
import { type Masks, type Selected, selectedOf } from './select.ts';
import { innerRow } from './stored-rows.ts';

/**
 * Reads all contributions to some entities from the store, by selects that decide nothing: which versions count follows
 * from versions, deletions and undeletions, which rows an entity has from its sets. The columns in which the store notes
 * what was selected, and ids for reconciling, are not looked at. All rows are in memory at once.
 *
 * @returns for each entity, in their order
 */
export async function storedContributions(
  store: Store,
  plugin: MetadataPlugin,
  entities: readonly Entity[],
): Promise<readonly (readonly Contribution[])[]> {
  if (entities.length === 0) return [];
  const mentions = await readMentions(store, plugin, entities);
  const versions = await readVersions(store, [...new Set(mentions.map(({ bundle }) => bundle))]);
  const used = mentions.filter(({ bundle }) => versions.get(bundle)?.selected);
  const rows = await readRows(store, plugin, used);
  const byEntity = Map.groupBy(mentions, ({ entity }) => entity);
  return entities.map((_, i) =>
    (byEntity.get(i) ?? []).map(({ bundle, sets }) => {
      const version = versions.get(bundle);
      if (version === undefined) throw new TypeError(`Bundle ${bundle} has entities, but isn't there`);
      const { selected, counts } = version;
      const contents = selected ? contentsOf(plugin, sets, (set) => rows(bundle, set)) : {};
      return { fqid: version.version.fqid, selected, counts, contents };
    }),
  );
}

/** That a stored bundle version mentions an entity, here by its place in a list; with the numbers of its sets by role. */
interface Mention {
  readonly entity: number;
  readonly bundle: number;
  readonly sets: Readonly<Record<string, number>>;
}

async function readMentions(
  store: Store,
  plugin: MetadataPlugin,
  entities: readonly Entity[],
): Promise<readonly Mention[]> {
  const wanted = entities.map(({ type, id }, i) => `(${i}, ${entityTypeNumber(plugin, type)}, ${text(id)})`);
  const found = await store.rows(`SELECT w.place AS "(place)", e.* FROM ${stored(entitiesTable)} e
    JOIN (VALUES ${wanted.join(', ')}) w(place, entity_type, entity_id) ON w.entity_type = e.entity_type AND w.entity_id = e.entity_id`);
  return found.map((row) => {
    const entity = Number(row['(place)']);
    const roles = shownRoles(plugin, (entities[entity] as Entity).type);
    const sets = Object.fromEntries(roles.map((role) => [role, Number(row[role] ?? 0)]));
    return { entity, bundle: Number(row.bundle_key), sets };
  });
}

/** Roles that documents of an entity type show. */
export const shownRoles = (plugin: MetadataPlugin, type: string): readonly string[] =>
  Object.entries(plugin.entityTypes[type]?.roles ?? {}).flatMap(([role, shape]) => (shape === 'hidden' ? [] : [role]));

interface Version {
  readonly bundle: number;
  readonly fqid: BundleFqid;
}

/** Bundles by key, with all other versions of theirs, for these decide which one is selected. */
async function readVersions(store: Store, bundles: readonly number[]): Promise<ReadonlyMap<number, Selected<Version>>> {
  const named = `SELECT source_id, bundle_uuid FROM bundles WHERE bundle_key IN (SELECT unnest([${bundles.join(', ')}]))`;
  const ofNamed = `SEMI JOIN (${named}) n ON n.source_id = t.source_id AND n.bundle_uuid = t.bundle_uuid`;
  const read = (table: string) => store.rows(`SELECT t.* FROM ${table} t ${ofNamed}`);
  const versions = (await read('bundles')).map((row) => ({ bundle: Number(row.bundle_key), fqid: fqidOf(row) }));
  const masks = async (table: string): Promise<Masks['deletions']> =>
    (await read(table)).map((row) => ({ fqid: fqidOf(row), number: Number(row.number) }));
  const selected = selectedOf(versions, { deletions: await masks('deletions'), restores: await masks('restores') });
  return new Map(selected.map((one) => [one.version.bundle, one]));
}

const fqidOf = ({ source_id, source_spec, bundle_uuid, bundle_version }: Row): BundleFqid => ({
  source: { id: String(source_id), spec: String(source_spec) },
  uuid: String(bundle_uuid),
  version: String(bundle_version),
});

/** @returns a function from a bundle and the number of one of its sets to rows */
async function readRows(
  store: Store,
  plugin: MetadataPlugin,
  used: readonly Mention[],
): Promise<(bundle: number, set: number) => readonly InnerRow[]> {
  const sets = used.flatMap(({ bundle, sets: of }) => [...new Set(Object.values(of))].map((set) => [bundle, set]));
  const list = (i: 0 | 1) => `unnest([${sets.map((pair) => pair[i]).join(', ')}])`;
  await store.run(`CREATE OR REPLACE TEMP TABLE reference_members AS SELECT DISTINCT m.* FROM ${stored(membersTable.name)} m
    SEMI JOIN (SELECT ${list(0)} AS bundle_key, ${list(1)} AS "set") s ON s.bundle_key = m.bundle_key AND s."set" = m."set"`);
  const rows = new Map<string, InnerRow>();
  for (const table of Object.keys(plugin.tables)) {
    const found = await store.rows(`SELECT t.* FROM ${stored(table)} t SEMI JOIN reference_members m
      ON m.bundle_key = t.bundle_key AND m."row" = t."row"`);
    for (const row of found) rows.set(`${row.bundle_key} ${row.row}`, innerRow(plugin, table, row));
  }
  const members = Map.groupBy(
    await store.rows('SELECT * FROM reference_members ORDER BY bundle_key, "set", "row"'),
    (row) => `${row.bundle_key} ${row.set}`,
  );
  await store.run('DROP TABLE reference_members');
  return (bundle, set) =>
    (members.get(`${bundle} ${set}`) ?? []).map(({ row }) => {
      const found = rows.get(`${bundle} ${row}`);
      if (found === undefined) throw new TypeError(`Bundle ${bundle} has no row ${row}`);
      return found;
    });
}

/** What a bundle says about one entity, role by role. */
function contentsOf(
  plugin: MetadataPlugin,
  sets: Mention['sets'],
  rowsOf: (set: number) => readonly InnerRow[],
): InnerEntities {
  const inner = ([role, set]: [string, number]) => rowsOf(set).map((row) => innerEntity(plugin, role, row));
  return Object.fromEntries(Object.entries(sets).map((entry) => [entry[0], inner(entry)]));
}
