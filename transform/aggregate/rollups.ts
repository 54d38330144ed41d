import { isOneOf } from '../../core/duckdb/sql.ts';
import { completedRoles } from './completed.ts';
import { listOrder } from './fragments.ts';
import type { Plan, PlannedRole } from './plan.ts';

/**
 * A *rollup* is what was computed for a document of very many bundles, kept so that another bundle costs what that
 * bundle costs. It holds the document's rows, each inner entity's winning copy, and what its values come to, reduced to
 * what can still matter when more arrive: the first of a limited list, the sum of what is summed up.
 *
 * Only additions can be rolled up. Where another copy of an inner entity wins, the fields of which a value may be gone are
 * made again from all rows; where a bundle that was rolled up counts no more, the whole rollup is, from all bundles.
 *
 * The tables are temporary: what was computed by one version of this code is never taken up by another.
 */
export const rollupTables = {
  rollups: 'rollup INTEGER, entity_type TINYINT, entity_id VARCHAR, bundles INTEGER',
  rollup_bundles: 'rollup INTEGER, bundle_key INTEGER',
  /** inner rows; `inner_id` is a hash of 128 bits, null where there is none */
  rollup_rows: 'rollup INTEGER, role INTEGER, inner_id UHUGEINT, bundle_key INTEGER, "row" INTEGER',
  /** what was counted already of fields that count something once: a hash of 128 bits of group and key */
  rollup_keys: 'rollup INTEGER, field INTEGER, key UHUGEINT, least BIGINT',
  /** like `distinct_values`, but that a sum over keys is one row: its `total`, with `k` null */
  rollup_values:
    'rollup INTEGER, field INTEGER, grp VARCHAR, k VARCHAR, v VARCHAR, least BIGINT, greatest BIGINT, total HUGEINT, x DOUBLE',
} as const;

export const createRollups: readonly string[] = Object.entries(rollupTables).map(
  ([table, columns]) => `CREATE TEMP TABLE IF NOT EXISTS ${table} (${columns})`,
);

/** How far a document has to be of bundles to have a rollup, and how many bundles all rollups may have. */
export interface RollupLimits {
  readonly moreThan: number;
  readonly atMost: number;
}

/** Documents of `links` that may have a rollup. */
export const hotStatement = ({ moreThan, atMost }: RollupLimits): string => `CREATE OR REPLACE TEMP TABLE hot AS
  SELECT l.doc, w.entity_type, w.entity_id, l.bundles
  FROM (SELECT doc, count(*) AS bundles FROM links GROUP BY doc HAVING count(*) > ${moreThan} AND count(*) <= ${atMost}) l
    JOIN wanted w ON w.doc = l.doc`;

/** Rollups of wanted documents that aren't hot any more, or of which a bundle counts no more. */
export const staleSelect = `SELECT r.rollup FROM rollups r JOIN wanted w ON ${sameEntity('w', 'r')}
    ANTI JOIN hot h ON ${sameEntity('h', 'r')}
  UNION
  SELECT b.rollup FROM rollup_bundles b JOIN rollups r ON r.rollup = b.rollup JOIN hot h ON ${sameEntity('h', 'r')}
    ANTI JOIN links l ON l.doc = h.doc AND l.bundle_key = b.bundle_key`;

export const rolledSelect = 'SELECT rollup FROM rolled';
/** Those that aren't worked on, where all of them have too many bundles. */
export const excessSelect = ({ atMost }: RollupLimits): string =>
  `SELECT rollup FROM rollups WHERE rollup NOT IN (${rolledSelect}) AND (SELECT sum(bundles) FROM rollups) > ${atMost}`;

/** @param rollups a select of their numbers */
export const forgetStatements = (rollups: string): readonly string[] => [
  `CREATE OR REPLACE TEMP TABLE forgotten AS ${rollups}`,
  ...Object.keys(rollupTables).map((table) => `DELETE FROM ${table} WHERE rollup IN (SELECT rollup FROM forgotten)`),
];

/** From `links` to `rolled`, wanted documents and their rollups, and `unrolled`, the links that aren't in a rollup. */
export const openStatements: readonly string[] = [
  `INSERT INTO rollups
     SELECT (SELECT coalesce(max(rollup), 0) FROM rollups) + row_number() OVER (), h.entity_type, h.entity_id, 0
     FROM hot h ANTI JOIN rollups r ON ${sameEntity('h', 'r')}`,
  `CREATE OR REPLACE TEMP TABLE rolled AS
     SELECT r.rollup, h.doc, (-1 - h.doc)::BIGINT AS surroundings FROM hot h JOIN rollups r ON ${sameEntity('h', 'r')}`,
  `CREATE OR REPLACE TEMP TABLE unrolled AS
     SELECT l.* FROM links l ANTI JOIN (SELECT r.doc, b.bundle_key FROM rolled r JOIN rollup_bundles b ON b.rollup = r.rollup) b
       ON b.doc = l.doc AND b.bundle_key = l.bundle_key`,
];

/** Rows that come to rollups, and those of them whose inner entity has a row there; `wins` by the rule of `ranks`. */
export const contestStatements: readonly string[] = [
  `CREATE OR REPLACE TEMP TABLE more_rows AS
     SELECT d.rollup, r.role, md5_number(i.document_id) AS inner_id, r.surroundings, r.bundle_key, r."row"
     FROM role_rows r JOIN rolled d ON d.surroundings = r.surroundings
       JOIN row_ids i ON i.bundle_key = r.bundle_key AND i."row" = r."row"`,
  `CREATE OR REPLACE TEMP TABLE contested AS
     SELECT m.*, o.bundle_key AS old_bundle, o."row" AS old_row,
       n.bundle_version > b.bundle_version OR n.bundle_version = b.bundle_version
         AND (n.bundle_uuid, n.source_id) < (b.bundle_uuid, b.source_id) AS wins
     FROM more_rows m JOIN rollup_rows o ON o.rollup = m.rollup AND o.role = m.role AND o.inner_id = m.inner_id
       JOIN bundles n ON n.bundle_key = m.bundle_key JOIN bundles b ON b.bundle_key = o.bundle_key`,
];

/** Old rows that gave way stand in `role_rows` under surroundings of their own for a while, so far below. */
const givenWay = 2 ** 32;

/** Leaves to `role_rows` what comes to rollups, and what gives way. @param rolled the roles whose values are rolled up */
export const rowsRolledStatements = (rolled: readonly PlannedRole[]): readonly string[] => [
  `DELETE FROM role_rows r USING contested c
     WHERE NOT c.wins AND r.surroundings = c.surroundings AND r.role = c.role AND r.bundle_key = c.bundle_key AND r."row" = c."row"`,
  `INSERT INTO role_rows SELECT role, surroundings - ${givenWay}, old_bundle, old_row FROM contested WHERE wins AND ${isRole('role', rolled)}`,
  `UPDATE rollup_rows SET bundle_key = c.bundle_key, "row" = c."row" FROM contested c
     WHERE c.wins AND rollup_rows.rollup = c.rollup AND rollup_rows.role = c.role AND rollup_rows.inner_id = c.inner_id`,
  `INSERT INTO rollup_rows SELECT m.rollup, m.role, m.inner_id, m.bundle_key, m."row" FROM more_rows m
     ANTI JOIN contested c ON c.rollup = m.rollup AND c.role = m.role AND c.bundle_key = m.bundle_key AND c."row" = m."row"`,
  `INSERT INTO rollup_bundles SELECT r.rollup, l.bundle_key FROM unrolled l JOIN rolled r ON r.doc = l.doc`,
  `UPDATE rollups SET bundles = h.bundles FROM hot h WHERE ${sameEntity('h', 'rollups')}`,
];

/**
 * Roles whose rows are put together have few, and no copy of a row alone tells what it comes to: all their rows are in
 * `role_rows`, and nothing of their values stays in rollups.
 */
export const wholeStatements = (plan: Plan): readonly string[] => {
  const roles = completedRoles(plan);
  if (roles.length === 0) return [];
  const names = new Set(roles.map(({ name }) => name));
  const fields = [
    ...roles.flatMap((role) => role.fields),
    ...plan.computed.filter(({ field }) => names.has(field.role)),
  ];
  const those = isOneOf(
    'field',
    fields.map(({ number }) => number),
  );
  return [
    `DELETE FROM role_rows WHERE surroundings IN (SELECT surroundings FROM rolled) AND ${isRole('role', roles)}`,
    rollupRowsStatement('role_rows', roles),
    ...forgetValues(those),
  ];
};

const rollupRowsStatement = (rows: string, roles: readonly PlannedRole[]): string =>
  `INSERT INTO ${rows} SELECT o.role, r.surroundings, o.bundle_key, o."row" FROM rollup_rows o
     JOIN rolled r ON r.rollup = o.rollup WHERE ${isRole('o.role', roles)}`;

const forgetValues = (fields: string): readonly string[] =>
  ['rollup_keys', 'rollup_values'].map(
    (table) => `DELETE FROM ${table} WHERE rollup IN (${rolledSelect}) AND ${fields}`,
  );

/**
 * Fields of which a value may be gone: a row that gave way had it, none that came has it, and it matters. Others may have
 * it still, so these fields are made again from all rows. So are those that count a key with more than they should now.
 */
export const changedSelect = `
  SELECT DISTINCT o.field FROM distinct_values o JOIN rolled r ON r.surroundings - ${givenWay} = o.surroundings JOIN fields f ON f.field = o.field
    LEFT JOIN distinct_values n ON n.surroundings = r.surroundings AND n.field = o.field AND n.grp = o.grp
      AND ${['k', 'v', 'least', 'greatest', 'x'].map((column) => `n.${column} IS NOT DISTINCT FROM o.${column}`).join(' AND ')}
  WHERE f.kind = 'frequency' OR n.field IS NULL AND (f.rolled != 'first' OR EXISTS (
    SELECT 1 FROM rollup_values v WHERE v.rollup = r.rollup AND v.field = o.field AND v.grp = o.grp AND v.k IS NOT DISTINCT FROM o.k))
  UNION
  SELECT v.field FROM distinct_values v JOIN rolled r ON r.surroundings = v.surroundings JOIN fields f ON f.field = v.field AND f.rolled = 'keys'
    JOIN rollup_keys k ON k.rollup = r.rollup AND k.field = v.field AND k.key = ${keyHash('v')}
  WHERE v.least < k.least OR v.least IS NOT NULL AND k.least IS NULL`;

export const forgetGivenWay = `DELETE FROM distinct_values WHERE surroundings IN (SELECT surroundings - ${givenWay} FROM rolled)`;

/** Forgets fields of rollups, and has `rolled_rows` hold all rows of their roles. */
export const againStatements = (roles: readonly PlannedRole[], fields: ReadonlySet<number>): readonly string[] => {
  const those = isOneOf('field', [...fields]);
  return [
    `DELETE FROM distinct_values WHERE surroundings IN (SELECT surroundings FROM rolled) AND ${those}`,
    ...forgetValues(those),
    `CREATE OR REPLACE TEMP TABLE rolled_rows AS SELECT o.role, r.surroundings, o.bundle_key, o."row"
       FROM rollup_rows o JOIN rolled r ON r.rollup = o.rollup WHERE ${isRole('o.role', roles)}`,
  ];
};

/** Keys that come to rollups, but for those that count already. */
export const moreKeysStatement = `CREATE OR REPLACE TEMP TABLE more_keys AS
  SELECT d.* FROM (
    SELECT r.rollup, v.field, v.grp, ${keyHash('v')} AS key, v.least
    FROM distinct_values v JOIN rolled r ON r.surroundings = v.surroundings JOIN fields f ON f.field = v.field AND f.rolled = 'keys') d
    ANTI JOIN rollup_keys k ON k.rollup = d.rollup AND k.field = d.field AND k.key = d.key`;

/** Takes values up, and has `distinct_values` show all that the rollups come to. */
export const valuesRolledStatements: readonly string[] = [
  'INSERT INTO rollup_keys SELECT rollup, field, key, least FROM more_keys',
  `CREATE OR REPLACE TEMP TABLE rolled_values AS
     SELECT d.rollup, d.field, d.grp, CASE WHEN f.rolled = 'greatest' THEN NULL ELSE d.k END AS k,
       min(d.v) AS v, min(d.least) AS least, max(d.greatest) AS greatest, sum(d.total) AS total, min(d.x) AS x
     FROM (
       SELECT r.rollup, v.* EXCLUDE (surroundings) FROM distinct_values v JOIN rolled r ON r.surroundings = v.surroundings
       UNION ALL
       SELECT v.* FROM rollup_values v JOIN rolled r ON r.rollup = v.rollup
       UNION ALL
       SELECT rollup, field, grp, NULL, NULL, NULL, NULL, sum(least), NULL FROM more_keys GROUP BY rollup, field, grp
     ) d JOIN fields f ON f.field = d.field
     WHERE f.rolled != 'keys' OR d.k IS NULL
     GROUP BY ALL`,
  `DELETE FROM distinct_values WHERE surroundings IN (SELECT surroundings FROM rolled)`,
  `DELETE FROM rollup_values WHERE rollup IN (${rolledSelect})`,
  `INSERT INTO rollup_values
     SELECT d.* FROM rolled_values d JOIN fields f ON f.field = d.field WHERE f.rolled != 'first'
     UNION ALL
     SELECT * EXCLUDE (place, known) FROM (
       SELECT d.*, f.known, row_number() OVER (PARTITION BY d.rollup, d.field, d.grp ORDER BY ${listOrder}) AS place
       FROM rolled_values d JOIN fields f ON f.field = d.field WHERE f.rolled = 'first')
     WHERE place <= known + 1`,
  `INSERT INTO distinct_values SELECT r.surroundings, v.* EXCLUDE (rollup) FROM rollup_values v JOIN rolled r ON r.rollup = v.rollup`,
];

/** Has `role_rows` show all rows of roles that are shown as they are, and `role_sets` all roles. */
export function rolesRolledStatements({ roles }: Plan): readonly string[] {
  const partly = roles.filter(({ completed }) => !completed);
  const shown = partly.filter(({ shape }) => shape !== 'collapsed');
  return [
    `DELETE FROM role_rows WHERE surroundings IN (SELECT surroundings FROM rolled) AND ${isRole('role', partly)}`,
    rollupRowsStatement('role_rows', shown),
    `INSERT INTO role_sets SELECT DISTINCT r.doc, o.role, r.surroundings, NULL::INTEGER, NULL::INTEGER FROM rollup_rows o
       JOIN rolled r ON r.rollup = o.rollup`,
    ...['hot', 'rolled', 'unrolled', 'more_rows', 'contested', 'more_keys', 'rolled_values'].map(
      (table) => `DROP TABLE ${table}`,
    ),
  ];
}

function isRole(column: string, roles: readonly PlannedRole[]): string {
  return roles.length === 0
    ? 'false'
    : isOneOf(
        column,
        roles.map(({ number }) => number),
      );
}

function keyHash(values: string): string {
  return `md5_number(${values}.grp || chr(0) || ${values}.k)`;
}

function sameEntity(a: string, b: string): string {
  return `${a}.entity_type = ${b}.entity_type AND ${a}.entity_id = ${b}.entity_id`;
}
