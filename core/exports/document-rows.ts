import { type DocumentColumn, documentColumns } from '../documents/document-columns.ts';
import { name, text } from '../duckdb/sql.ts';
import { showsList } from '../model/fields.ts';
import type { ColumnType, MetadataPlugin } from '../model/metadata.ts';

/**
 * SQL of rows of documents in Parquet: what transform writes of documents that it computed, and exports and analysts read.
 *
 * | column | type | holds |
 * |---|---|---|
 * | `entity_id` | VARCHAR | what the document is about |
 * | `commit` | BIGINT | when it was computed: of rows of one entity the greatest counts |
 * | `hash` | UBIGINT | as the index has it; null in a tombstone |
 * | `body` | VARCHAR | JSON text, as indexed, but for `_hash`; null in a tombstone |
 * | `source_ids`, `source_specs` | VARCHAR[] | in pairs |
 * | `bundle_uuids`, `bundle_versions` | VARCHAR[] | in pairs; all that are known |
 * | one for each of `documentColumns` | by its type | values as indexed; null where the document has none |
 *
 * What a limit keeps from being shown is among the values.
 *
 * @param from SQL of rows `entity_id`, `commit`, `hash`, `body`
 */
export function documentRows(plugin: MetadataPlugin, entityType: string, from: string): string {
  const columns = documentColumns(plugin, entityType);
  const values = columns.map((column) => `${valuesOf(column)} AS ${name(column.name)}`);
  const all = ['entity_id', 'commit', 'hash', 'body', ...envelope, ...values];
  return `SELECT ${all.join(',\n      ')}
    FROM (SELECT *, json_transform(body, ${text(structureOf(columns))}) AS d FROM (${from}))`;
}

/** Of values, as documents have them in the index. */
export const sqlTypes: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  datetime: 'VARCHAR',
  quantity: 'VARCHAR',
  int: 'BIGINT',
  float: 'DOUBLE',
  bool: 'BOOLEAN',
  range: 'STRUCT(gte DOUBLE, lte DOUBLE)',
  counts: 'JSON',
  object: 'JSON',
};

/** Bundles that a limit keeps from being shown are in the rest. */
const allBundles = 'list_concat(d.bundles, d._rest.bundles)';
const envelope = [
  ['d.sources', 'id', 'source_ids'],
  ['d.sources', 'spec', 'source_specs'],
  [allBundles, 'uuid', 'bundle_uuids'],
  [allBundles, 'version', 'bundle_versions'],
].map(([of, member, as]) => `list_transform(${of}, lambda x: x.${member}) AS ${as}`);

function valuesOf({ name: column, list, field }: DocumentColumn): string {
  if (field === null) return `d.${name(column)}`;
  const [role, member] = [name(field.role), name(field.name)];
  if (!list) return `d.contents.${role}[1].${member}`;
  const values = (of: string): string => `list_transform(${of}.contents.${role}, lambda x: x.${member})`;
  if (!showsList(field)) return `nullif(${values('d')}, [])`;
  return `nullif(list_concat(flatten(${values('d')}), flatten(${values('d._rest')})), [])`;
}

/** As `json_transform` takes it. */
function structureOf(columns: readonly DocumentColumn[]): string {
  const bundles = [{ uuid: 'VARCHAR', version: 'VARCHAR' }];
  const contents: Record<string, [Record<string, unknown>]> = {};
  const own: Record<string, string> = {};
  for (const column of columns) {
    const { field } = column;
    if (field === null) own[column.name] = sqlTypes[column.type];
    else {
      contents[field.role] ??= [{}];
      (contents[field.role] as [Record<string, unknown>])[0][field.name] = showsList(field)
        ? [leafOf(column)]
        : leafOf(column);
    }
  }
  const sources = [{ id: 'VARCHAR', spec: 'VARCHAR' }];
  // DuckDB refuses an object without members.
  const inner = Object.keys(contents).length === 0 ? {} : { contents };
  return JSON.stringify({ ...own, sources, bundles, ...inner, _rest: { bundles, ...inner } });
}

function leafOf({ type, field }: DocumentColumn): unknown {
  if (type === 'range') return { gte: 'DOUBLE', lte: 'DOUBLE' };
  if (type !== 'object' || field?.members === undefined) return sqlTypes[type];
  return Object.fromEntries(Object.entries(field.members).map(([member, of]) => [member, sqlTypes[of]]));
}
