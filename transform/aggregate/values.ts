import { name, text, unionAll } from '../../core/duckdb/sql.ts';
import { type DocumentField, idColumn } from '../../core/model/fields.ts';
import type { Aggregate, MetadataPlugin } from '../../core/model/metadata.ts';
import type { Plan, PlannedField, PlannedInput, PlannedRole } from './plan.ts';
import { jsonOf, presence, shownValue } from './render.ts';
import { own, roleRowsSelect } from './rows.ts';

/**
 * Statements that make the table `distinct_values`, what collapsed fields are made of: each value once.
 *
 * | column | holds |
 * |---|---|
 * | `surroundings` | whose field it is: documents with the same surroundings share it |
 * | `field` | number of the field |
 * | `grp` | key of the group, empty where a role has no groups |
 * | `k` | what makes the value distinct, and sorts it; null for a null |
 * | `v` | its JSON text where that isn't the JSON string of `k` |
 * | `least`, `greatest`, `total` | of its whole numbers |
 * | `x` | its number that isn't whole |
 *
 * Values stay in rows until limits have cut them: DuckDB spills rows, but not the state of an
 * aggregate such as `list(distinct …)` (architecture, invariant 7). A statement for each name of a
 * role: what one statement reads for several fields stays in memory until it ends.
 */
export function distinctStatements(plugin: MetadataPlugin, plan: Plan): readonly string[] {
  return [emptyDistinctValues, ...valuesStatements(plugin, plan)];
}

/** Which rows are read, and which fields; the others, with what else their roles have, are left out. */
interface Part {
  readonly rows: string;
  readonly fields: ReadonlySet<number>;
}

/** The statements that add to `distinct_values`. @param part absent: all fields of `role_rows` */
export function valuesStatements(plugin: MetadataPlugin, plan: Plan, part?: Part): readonly string[] {
  return [...Map.groupBy(plan.roles, ({ name: role }) => role).values()]
    .map((shapes) => valuesSelect(plugin, plan, shapes, part))
    .filter((values) => values !== null)
    .map(
      (values) => `INSERT INTO distinct_values
        SELECT surroundings, field, grp, k, min(v), min(n), max(n), sum(n), min(x) FROM (${values}) GROUP BY surroundings, field, grp, k`,
    );
}

const emptyDistinctValues = `CREATE OR REPLACE TEMP TABLE distinct_values (
  surroundings BIGINT, field INTEGER, grp VARCHAR, k VARCHAR, v VARCHAR, least BIGINT, greatest BIGINT, total HUGEINT, x DOUBLE)`;

/** The values of roles, one row each: `surroundings`, `field`, `grp`, `k`, `v`, `n` or `x`; null where there can be none. */
function valuesSelect(plugin: MetadataPlugin, plan: Plan, roles: readonly PlannedRole[], part?: Part): string | null {
  const sources: string[] = [];
  const selects: string[] = [];
  for (const role of roles) {
    for (const table of role.tables) {
      const branches = [
        ...collapsedBranches(plugin, role, table, part?.fields),
        ...computedBranches(plugin, plan, role, table),
      ];
      if (branches.length === 0) continue;
      const source = name(`rows_${role.number}_${table}`);
      sources.push(`${source} AS (${tableRows(plan, role, table, part?.rows)})`);
      selects.push(...branches.map((branch) => branchSelect(source, branch)));
    }
  }
  return selects.length === 0 ? null : `WITH ${sources.join(',\n')}\n${unionAll(selects, '')}`;
}

/** The rows of a role that stand in one table, with the key of their group: the columns that are read, no others. */
function tableRows(plan: Plan, role: PlannedRole, table: string, rows?: string): string {
  const columns = readColumns(plan, role, table).map(name);
  if (needsId(plan, role)) columns.push(own.innerId);
  return `SELECT ${own.surroundings}, ${groupKey(role, table)} AS ${own.group}, ${columns.join(', ')}
    FROM (${roleRowsSelect(role, table, rows)})`;
}

/** Whether something counts once per inner entity. */
const needsId = (plan: Plan, role: PlannedRole): boolean =>
  readFields(plan, role).some(({ aggregate }) => 'distinctBy' in aggregate && aggregate.distinctBy.includes(idColumn));

/** Fields that collapse values of a role: its own where it is collapsed, and those for computed fields. */
function readFields(plan: Plan, role: PlannedRole): readonly DocumentField[] {
  const planned = [...(role.shape === 'collapsed' ? role.fields : []), ...inputsOf(plan, role)];
  return planned.map(({ field }) => field);
}

const inputsOf = (plan: Plan, role: PlannedRole): readonly PlannedInput[] =>
  plan.computed.filter(({ field }) => field.role === role.name);

function readColumns(plan: Plan, role: PlannedRole, table: string): readonly string[] {
  const columns = new Set([idColumn, 'absent']);
  for (const field of readFields(plan, role)) {
    const from = field.from[table];
    if (from && 'column' in from) columns.add(from.column);
    if ('distinctBy' in field.aggregate) for (const column of field.aggregate.distinctBy) columns.add(column);
  }
  return [...columns];
}

/** Lists compare as sets, an empty one like a list of null. */
function groupKey(role: PlannedRole, table: string): string {
  if (role.shape !== 'collapsed' || role.groupBy.length === 0) return "''";
  const parts = role.groupBy.map((groupField) => {
    const field = role.fields.find((planned) => planned.field.name === groupField)?.field;
    const value = field && shownValue(field, table);
    if (!field || value === null) return "'null'";
    if (!field.list) return `coalesce(${jsonOf(field.type, value as string)}, 'null')`;
    const list = `coalesce(${value}, [])`;
    const withoutNull = `len(${list}) = list_count(${list}) AND len(${list}) > 0`;
    return `to_json(list_sort(list_distinct(${list})))::VARCHAR || CASE WHEN ${withoutNull} THEN '' ELSE 'null' END`;
  });
  return parts.join(" || '|' || ");
}

interface Branch {
  /** field, grp, k, v, n, x */
  readonly columns: string;
  readonly where: string | null;
  /** a list whose elements are the values; `columns` call one `own.element` */
  readonly list?: string;
}

function branchSelect(source: string, { columns, where, list }: Branch): string {
  const condition = where === null ? '' : ` WHERE ${where}`;
  const selected = `${own.surroundings} AS surroundings, ${columns}`;
  if (list === undefined) return `SELECT ${selected} FROM ${source}${condition}`;
  const elements = `unnest(CASE WHEN len(${list}) > 0 THEN ${list} ELSE [NULL] END) AS ${own.element}`;
  return `SELECT ${selected} FROM (SELECT *, ${elements} FROM ${source}${condition})`;
}

function collapsedBranches(
  plugin: MetadataPlugin,
  role: PlannedRole,
  table: string,
  only?: ReadonlySet<number>,
): readonly Branch[] {
  if (role.shape !== 'collapsed') return [];
  const fields = role.fields.filter(({ number }) => only?.has(number) !== false);
  return fields.flatMap((planned) => branchesOf(plugin, planned, table, own.group));
}

/** For computed fields, whatever the shape of the role and its groups. */
const computedBranches = (plugin: MetadataPlugin, plan: Plan, role: PlannedRole, table: string): readonly Branch[] =>
  inputsOf(plan, role).flatMap((input) => branchesOf(plugin, input, table, "''"));

/** @param grp SQL for the key of the group */
function branchesOf(plugin: MetadataPlugin, planned: PlannedField, table: string, grp: string): readonly Branch[] {
  const { field, number } = planned;
  const value = shownValue(field, table);
  if (value === null) return [];
  const { columns, ...branch } = collapsedBranch(field, value, presence(plugin, field, table));
  return [{ ...branch, columns: `${number}::INTEGER AS field, ${grp} AS grp, ${columns}` }];
}

function collapsedBranch(field: DocumentField, value: string, present: string | null): Branch {
  const { aggregate } = field;
  if (aggregate.kind === 'sum') {
    const n = present === null ? value : `CASE WHEN ${present} THEN ${value} END`;
    return { columns: columns(distinctKey(aggregate), 'NULL', ...numbers(field, n)), where: null };
  }
  if (aggregate.kind === 'count') return { columns: columns(distinctKey(aggregate), 'NULL', '1', 'NULL'), where: null };
  const list = field.list || field.type === 'counts' ? { list: value } : {};
  const element = 'list' in list ? own.element : value;
  const parts = aggregate.kind === 'frequency' ? frequency(field, element) : identity(field, element);
  return { columns: columns(...parts), where: present, ...list };
}

/** What makes values of several rows count once: each column with its length, so that none runs into the next. */
function distinctKey({ distinctBy }: Extract<Aggregate, { distinctBy: readonly string[] }>): string {
  return distinctBy
    .map((column) => (column === idColumn ? own.innerId : `${name(column)}::VARCHAR`))
    .map((value) => `coalesce(strlen(${value}) || ':' || ${value}, '-')`)
    .join(' || ');
}

/** k, v, n, x where occurrences are counted: one each, or as many as the value says */
function frequency(field: DocumentField, value: string): readonly [string, string, string, string] {
  if (field.type === 'counts') return [`${value}."key"`, 'NULL', `${value}."count"`, 'NULL'];
  const [k, v, n, x] = identity(field, value);
  return [k, v, '1', n === 'NULL' ? x : n];
}

/** k, v, n, x of one value */
function identity(field: DocumentField, value: string): readonly [string, string, string, string] {
  const { aggregate, type } = field;
  const json = jsonOf(type, value);
  switch (type) {
    case 'string':
    case 'datetime':
    case 'quantity':
      return [value, 'NULL', 'NULL', 'NULL'];
    case 'object': {
      const by =
        aggregate.kind === 'objects' || aggregate.kind === 'dictionary'
          ? `coalesce(json_extract_string(${value}, ${text(`$."${aggregate.by}"`)}), '')`
          : "''";
      return [
        aggregate.kind === 'dictionary'
          ? `CASE WHEN ${value} IS NOT NULL THEN ${by} END`
          : `replace(${by}, chr(0), chr(0) || chr(1)) || chr(0) || chr(0) || ${value}`,
        value,
        'NULL',
        'NULL',
      ];
    }
    case 'range':
      return [json, json, 'NULL', `(${value}).low`];
    case 'bool':
      return [json, json, 'NULL', 'NULL'];
    default:
      return [json, json, ...numbers(field, value)];
  }
}

/** n, x */
function numbers(field: DocumentField, value: string): readonly [string, string] {
  return field.type === 'float' ? ['NULL', value] : [value, 'NULL'];
}

function columns(k: string, v: string, n: string, x: string): string {
  return `${k} AS k, ${v} AS v, ${n}::BIGINT AS n, ${x}::DOUBLE AS x`;
}
