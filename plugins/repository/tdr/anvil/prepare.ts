import { name, text, unionAll } from '../../../../core/duckdb/sql.ts';
import type { Step } from '../model.ts';
import { activityTables, rowIdColumn, type TableName, tables } from './tables.ts';
import { version } from './version.ts';

/** Of a row id that can become the uuid of a bundle (RFC 9562, version 4). */
const rowIdPattern = '^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$';
const drsPattern = '^drs://[^/?#\\s]+/.+$';

const all = Object.entries(tables) as readonly (readonly [TableName, (typeof tables)[TableName]])[];

/** Members of an entity beside its columns. */
const added: Readonly<Partial<Record<TableName, Readonly<Record<string, string>>>>> = {
  anvil_file: { drs_uri: 'file_ref', sha256: "''", crc32: "''" },
};

/** The row as bundles have it: lists in order, and never null. */
function entityJson([table, { columns, lists }]: (typeof all)[number]): string {
  const isList = (column: string): boolean => (lists as readonly string[]).includes(column);
  const own = columns.map((column) => {
    const value = isList(column) ? `list_sort(coalesce(${name(column)}, []))` : name(column);
    return `${name(column)} := ${value}`;
  });
  const others = Object.entries(added[table] ?? {}).map(([member, value]) => `${name(member)} := ${value}`);
  return `to_json(struct_pack(${[...own, `version := ${text(version)}`, ...others].join(', ')}))::VARCHAR`;
}

/** What nodes have texts for: the entity; and links, of an activity whole, of others to each parent. */
export const slots = { entity: 0, links: 1 } as const;

/** All rows: `kind` is the table, `key` what other rows call it by. */
const rowsSelect = unionAll(
  all.map(
    ([table, { key }]) => `SELECT ${text(table)} AS kind, ${name(key)} AS key, ${name(rowIdColumn)} AS row_id
      FROM ${name(table)} WHERE ${name(rowIdColumn)} IS NOT NULL`,
  ),
  '',
);
/** The texts of a table. */
const entityTexts = (one: (typeof all)[number]): string => `INSERT INTO texts
  SELECT n.node, ${slots.entity}, strlen(n.name), n.name || ':' || e.text
  FROM (SELECT ${name(one[1].key)} AS key, ${entityJson(one)} AS text FROM ${name(one[0])} WHERE ${name(rowIdColumn)} IS NOT NULL) e
    JOIN nodes n ON n.kind = ${text(one[0])} AND n.key = e.key WHERE n.entities = 1`;

/** What each row of `from` names in a list: `kind`, `key` of both. */
const listed = (
  from: TableName,
  column: string,
  kind: TableName,
): string => `SELECT ${text(from)} AS kind, ${name(tables[from].key)} AS key,
    ${text(kind)} AS other_kind, unnest(${name(column)}) AS other_key FROM ${name(from)}`;

const has = (table: TableName, column: string): boolean =>
  (tables[table].columns as readonly string[]).includes(column);

/** What activities use and make. */
const usesSelect = unionAll(
  activityTables.flatMap((table) => [
    ...(has(table, 'used_file_id') ? [listed(table, 'used_file_id', 'anvil_file')] : []),
    ...(has(table, 'used_biosample_id') ? [listed(table, 'used_biosample_id', 'anvil_biosample')] : []),
  ]),
  '',
);
const makesSelect = unionAll(
  activityTables.map((table) => listed(table, 'generated_file_id', 'anvil_file')),
  '',
);

/** Where biosamples and donors come from: datasets, donors and diagnoses. */
const parentsSelect = unionAll(
  [
    listed('anvil_biosample', 'part_of_dataset_id', 'anvil_dataset'),
    listed('anvil_biosample', 'donor_id', 'anvil_donor'),
    `SELECT 'anvil_donor' AS kind, donor_id AS key, 'anvil_diagnosis' AS other_kind, diagnosis_id AS other_key FROM anvil_diagnosis WHERE donor_id IS NOT NULL`,
  ],
  '',
);

/** From kinds and keys to numbers. */
const numbered = (table: string, select: string): string => `CREATE TABLE ${table} AS
  SELECT DISTINCT a.node AS a, b.node AS b FROM (${select}) r
    JOIN nodes a ON a.kind = r.kind AND a.key = r.key JOIN nodes b ON b.kind = r.other_kind AND b.key = r.other_key`;

const bundleUuid = (rowId: string): string => `substr(${rowId}, 1, 14) || 'a' || substr(${rowId}, 16)`;
/** Nodes that another one is related to, as lists in links name them. */
const namesOf = (
  relation: string,
): string => `SELECT r.a AS node, array_to_string(list_sort(list(n.name)), ',') AS names
     FROM ${relation} r JOIN nodes n ON n.node = r.b GROUP BY r.a`;
const linkHead = `concat('{"inputs":[', i.names, '],"activity":', a.name)`;
const parentLink = `concat('{"inputs":[', p.name, '],"activity":null,"outputs":[', c.name, ']}')`;

/** All bundles: of biosamples, and of supplementary files. */
export const list = `SELECT ${bundleUuid('row_id')} AS uuid, ${text(version)} AS version FROM (
    SELECT ${rowIdColumn} AS row_id FROM anvil_biosample WHERE biosample_id IS NOT NULL
    UNION SELECT ${rowIdColumn} FROM anvil_file WHERE is_supplementary AND file_id IS NOT NULL)
  WHERE regexp_matches(row_id, ${text(rowIdPattern)})`;

/** Kinds of bundles. */
export const kinds = { primary: 0, supplementary: 1 } as const;

export const relations = ['uses', 'makes', 'parents', 'down', 'makers', 'belongs', 'datasets'] as const;

/**
 * `nodes` are entities by what others call them by, those that are missing, too; `uses`, `makes` and `parents` relate
 * them. `name` is what links call them by, and texts of entities begin with. The link of an activity has a head, up to its
 * outputs.
 */
const relating: readonly string[] = [
  `CREATE TABLE entities AS ${rowsSelect}`,
  `CREATE TABLE nodes AS
     SELECT row_number() OVER (ORDER BY kind, key)::INTEGER AS node, kind, key, e.row_id, e.entities,
       to_json(kind || '/' || e.row_id)::VARCHAR AS name FROM (
       SELECT kind, key FROM entities
       ${[usesSelect, makesSelect, parentsSelect].map((select) => `UNION SELECT other_kind, other_key FROM (${select})`).join('\n       ')}
       UNION SELECT kind, key FROM (${parentsSelect})
     ) LEFT JOIN (SELECT kind, key, min(row_id) AS row_id, count(*) AS entities FROM entities GROUP BY kind, key) e USING (kind, key)
     WHERE key IS NOT NULL`,
  numbered('uses', usesSelect),
  numbered('makes', makesSelect),
  numbered('parents', parentsSelect),
  'CREATE TABLE down AS SELECT b AS a, a AS b FROM uses UNION ALL SELECT a, b FROM makes',
  'CREATE TABLE makers AS SELECT b AS a, a AS b FROM makes',
  `CREATE TABLE belongs AS SELECT n.node AS a, s.node AS b FROM anvil_donor d JOIN nodes n ON n.kind = 'anvil_donor' AND n.key = d.donor_id
     JOIN nodes s ON s.kind = 'anvil_dataset' AND s.key = d.part_of_dataset_id`,
  `CREATE TABLE datasets AS SELECT 0 AS a, node AS b FROM nodes WHERE kind = 'anvil_dataset' AND row_id IS NOT NULL`,
  `CREATE TABLE roots AS
     SELECT ${bundleUuid('e.row_id')} AS uuid, ${text(version)} AS version, n.node,
       CASE e.kind WHEN 'anvil_file' THEN ${kinds.supplementary} ELSE ${kinds.primary} END AS kind
     FROM entities e JOIN nodes n USING (kind, key) WHERE regexp_matches(e.row_id, ${text(rowIdPattern)}) AND (e.kind = 'anvil_biosample'
       OR e.row_id IN (SELECT ${rowIdColumn} FROM anvil_file WHERE is_supplementary))`,
  `CREATE TABLE problems AS
     SELECT node, kind || ' ' || CASE WHEN entities IS NULL THEN 'has no row' ELSE 'has ' || entities || ' rows' END || ' called ' || key AS problem
     FROM nodes WHERE entities IS NULL OR entities > 1
     UNION ALL
     SELECT n.node, 'anvil_biosample has a biosample ' || n.key || ' of ' || len(b.part_of_dataset_id) || ' datasets'
     FROM anvil_biosample b JOIN nodes n ON n.kind = 'anvil_biosample' AND n.key = b.biosample_id WHERE len(b.part_of_dataset_id) != 1
     UNION ALL
     SELECT n.node, 'anvil_file has a file ' || n.key || ' whose file_ref is no DRS URI'
     FROM anvil_file f JOIN nodes n ON n.kind = 'anvil_file' AND n.key = f.file_id
     WHERE f.file_ref IS NULL OR NOT regexp_matches(f.file_ref, ${text(drsPattern)})
     UNION ALL
     SELECT node, 'anvil_donor has a donor ' || key || ' of another dataset' FROM nodes
     WHERE kind = 'anvil_donor' AND node NOT IN (SELECT a FROM belongs)`,
];

const linkTexts = `CREATE TABLE texts AS
     SELECT a.node, ${slots.links} AS slot, strlen(${linkHead}) AS head, concat(${linkHead}, ',"outputs":[', o.names, ']}') AS text
     FROM nodes a LEFT JOIN (${namesOf('uses')}) i USING (node) LEFT JOIN (${namesOf('makes')}) o USING (node)
     WHERE a.entities = 1 AND a.kind IN (${activityTables.map(text).join(', ')})
     UNION ALL
     SELECT c.node, ${slots.links}, 0, array_to_string(list_sort(list(${parentLink})), ',')
     FROM parents r JOIN nodes c ON c.node = r.a JOIN nodes p ON p.node = r.b GROUP BY c.node`;

export const prepare: readonly Step[] = [
  ...[...relating, linkTexts].map((sql) => ({ table: null, sql })),
  ...all.map((one) => ({ table: one[0], sql: entityTexts(one) })),
];
