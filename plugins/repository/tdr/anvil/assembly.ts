import { name, text, unionAll } from '../../../../core/duckdb/sql.ts';
import type { Model } from '../model.ts';
import { activityTables, rowIdColumn, type TableName, tables } from './tables.ts';

/** All bundles and entities have this one (specification, plugin-anvil 1). */
const version = '2022-06-01T00:00:00.000000Z';
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

/** All entities: `kind` is the table, `key` what other rows call it by, `name` what links call it by. */
const entitiesSelect = unionAll(
  all.map(
    (one) => `SELECT ${text(one[0])} AS kind, ${name(one[1].key)} AS key, ${name(rowIdColumn)} AS row_id,
      ${entityJson(one)} AS text FROM ${name(one[0])} WHERE ${name(rowIdColumn)} IS NOT NULL`,
  ),
  '',
);

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
const numbered = (table: string, select: string, a: string, b: string): string => `CREATE TABLE ${table} AS
  SELECT DISTINCT a.node AS ${a}, b.node AS ${b} FROM (${select}) r
    JOIN nodes a ON a.kind = r.kind AND a.key = r.key JOIN nodes b ON b.kind = r.other_kind AND b.key = r.other_key`;

const bundleUuid = (rowId: string): string => `substr(${rowId}, 1, 14) || 'a' || substr(${rowId}, 16)`;

/**
 * `nodes` are entities by what others call them by, those that are missing, too. `uses`, `makes` and `parents` relate them.
 * A walk up goes from a file to *the making* of it, which has the negative number of the activity, and from there to
 * all that was used: with an edge for each pair of a file and what it was made of, pooled activities would have their square.
 */
const prepare: readonly string[] = [
  `CREATE TABLE entities AS ${entitiesSelect}`,
  `CREATE TABLE nodes AS
     SELECT row_number() OVER ()::INTEGER AS node, kind, key, e.row_id, e.entities FROM (
       SELECT kind, key FROM entities
       ${[usesSelect, makesSelect, parentsSelect].map((select) => `UNION SELECT other_kind, other_key FROM (${select})`).join('\n       ')}
       UNION SELECT kind, key FROM (${parentsSelect})
     ) LEFT JOIN (SELECT kind, key, min(row_id) AS row_id, count(*) AS entities FROM entities GROUP BY kind, key) e USING (kind, key)
     WHERE key IS NOT NULL`,
  numbered('uses', usesSelect, 'activity', 'used'),
  numbered('makes', makesSelect, 'activity', 'file'),
  numbered('parents', parentsSelect, 'child', 'parent'),
  `CREATE TABLE down AS SELECT used AS a, activity AS b FROM uses UNION ALL SELECT activity, file FROM makes`,
  `CREATE TABLE up AS SELECT file AS a, -activity AS b FROM makes UNION ALL SELECT -activity, used FROM uses
     UNION ALL SELECT child, parent FROM parents`,
  `CREATE TABLE datasets AS SELECT node FROM nodes WHERE kind = 'anvil_dataset' AND row_id IS NOT NULL`,
  `CREATE TABLE roots AS
     SELECT row_number() OVER ()::INTEGER AS root, ${bundleUuid('e.row_id')} AS uuid, ${text(version)} AS version, n.node,
       e.kind = 'anvil_file' AS supplementary
     FROM entities e JOIN nodes n USING (kind, key) WHERE regexp_matches(e.row_id, ${text(rowIdPattern)}) AND (e.kind = 'anvil_biosample'
       OR e.row_id IN (SELECT ${rowIdColumn} FROM anvil_file WHERE is_supplementary))`,
  `CREATE TABLE node_problems AS
     SELECT node, CASE WHEN entities IS NULL THEN 'has no row' ELSE 'has ' || entities || ' rows' END || ' called ' || key AS problem
     FROM nodes WHERE entities IS NULL OR entities > 1
     UNION ALL
     SELECT n.node, 'has a biosample ' || n.key || ' of ' || len(b.part_of_dataset_id) || ' datasets'
     FROM anvil_biosample b JOIN nodes n ON n.kind = 'anvil_biosample' AND n.key = b.biosample_id WHERE len(b.part_of_dataset_id) != 1
     UNION ALL
     SELECT n.node, 'has a file ' || n.key || ' whose file_ref is no DRS URI'
     FROM anvil_file f JOIN nodes n ON n.kind = 'anvil_file' AND n.key = f.file_id
     WHERE f.file_ref IS NULL OR NOT regexp_matches(f.file_ref, ${text(drsPattern)})`,
  `CREATE TABLE donor_datasets AS SELECT n.node, d.part_of_dataset_id AS dataset
     FROM anvil_donor d JOIN nodes n ON n.kind = 'anvil_donor' AND n.key = d.donor_id`,
];

/** Everything that is reached from what stands in `start (root, node)`. */
const reached = (table: string, start: string, edges: string): string => `CREATE OR REPLACE TEMP TABLE ${table} AS
  WITH RECURSIVE walk(root, node) AS (
    ${start}
    UNION
    SELECT w.root, e.b FROM walk w JOIN ${edges} e ON e.a = w.node)
  SELECT root, node FROM walk`;

const linkJson = `concat('{"inputs":[', inputs, '],"activity":', activity, ',"outputs":[', outputs, ']}')`;
/** What links call an entity by, as JSON text. */
const called = (node: string): string => `to_json(${node}.kind || '/' || ${node}.row_id)::VARCHAR`;

/**
 * Downstream from each biosample, then upstream from all of that (specification, tdr 6.2). Links of one activity are one.
 */
const assemble: readonly string[] = [
  reached('lower', 'SELECT r.root, r.node FROM roots r JOIN wanted w USING (root) WHERE NOT r.supplementary', 'down'),
  reached('reached', 'SELECT root, node FROM lower', 'up'),
  `CREATE OR REPLACE TEMP TABLE members AS
     SELECT DISTINCT root, abs(node) AS node FROM reached
     UNION
     SELECT r.root, unnest([r.node, d.node]) FROM roots r JOIN wanted w USING (root) CROSS JOIN datasets d WHERE r.supplementary`,
  `CREATE OR REPLACE TEMP TABLE used AS
     SELECT l.root, u.activity, u.used AS node FROM lower l JOIN uses u ON u.used = l.node
     UNION
     SELECT m.root, u.activity, u.used FROM reached m JOIN uses u ON u.activity = -m.node WHERE m.node < 0`,
  `CREATE OR REPLACE TEMP TABLE made AS
     SELECT l.root, m.activity, m.file AS node FROM lower l JOIN makes m ON m.activity = l.node
     UNION
     SELECT r.root, m.activity, m.file FROM reached r JOIN makes m ON m.file = r.node`,
  `CREATE OR REPLACE TEMP TABLE links AS
     WITH named AS (
       SELECT root, activity, ${called('n')} AS input, NULL AS output FROM used JOIN nodes n USING (node)
       UNION ALL
       SELECT root, activity, NULL, ${called('n')} FROM made JOIN nodes n USING (node)),
     merged AS (
       SELECT root, activity, coalesce(string_agg(input, ',' ORDER BY input), '') AS inputs, coalesce(string_agg(output, ',' ORDER BY output), '') AS outputs
       FROM named GROUP BY root, activity)
     SELECT root, m.inputs, ${called('a')} AS activity, m.outputs FROM merged m JOIN nodes a ON a.node = m.activity
     UNION ALL
     SELECT r.root, ${called('p')}, 'null', ${called('c')} FROM reached r JOIN parents e ON e.child = r.node
       JOIN nodes p ON p.node = e.parent JOIN nodes c ON c.node = e.child
     UNION ALL
     SELECT r.root, ${called('d')}, 'null', ${called('f')} FROM roots r JOIN wanted USING (root) JOIN nodes f ON f.node = r.node
       CROSS JOIN datasets JOIN nodes d ON d.node = datasets.node WHERE r.supplementary`,
  `CREATE OR REPLACE TEMP TABLE problems AS
     SELECT m.root, min(n.kind || ' ' || p.problem) AS problem FROM members m JOIN node_problems p USING (node) JOIN nodes n USING (node) GROUP BY m.root
     UNION ALL
     SELECT m.root, 'anvil_donor has a donor ' || min(n.key) || ' of another dataset'
     FROM members m JOIN donor_datasets d USING (node) JOIN nodes n USING (node)
     WHERE NOT EXISTS (SELECT 1 FROM members o JOIN nodes s ON s.node = o.node WHERE o.root = m.root AND s.kind = 'anvil_dataset' AND s.key = d.dataset)
     GROUP BY m.root
     UNION ALL
     SELECT r.root, 'anvil_dataset has ' || (SELECT count(*) FROM datasets) || ' rows, where a supplementary file needs the only one'
     FROM roots r JOIN wanted USING (root) WHERE r.supplementary AND (SELECT count(*) FROM datasets) != 1`,
  `CREATE OR REPLACE TEMP TABLE parts AS
     SELECT m.root, 0::TINYINT AS member, n.kind || '/' || n.row_id AS name, ${called('n')} || ':' || e.text AS text
     FROM members m JOIN nodes n USING (node) JOIN entities e ON e.kind = n.kind AND e.row_id = n.row_id
     UNION ALL
     SELECT root, 1::TINYINT, ${linkJson}, ${linkJson} FROM links`,
];

/** Metadata of AnVIL (specification, repository-plugins 6; tdr 6.2). */
export const anvil: Model = {
  tables: Object.fromEntries(all.map(([table, { columns }]) => [table, columns])),
  prepare: () => prepare,
  assemble,
  members: [
    { name: 'entities', kind: 'object' },
    { name: 'links', kind: 'list' },
  ],
};
