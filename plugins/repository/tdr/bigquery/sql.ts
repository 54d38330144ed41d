import type { Selection } from '../keys/rows-by-key.ts';
import type { SnapshotRef } from '../tables/tables.ts';

/** An identifier of BigQuery, in which names of the repository have nothing to escape; others are. */
const quoted = (identifier: string): string => `\`${identifier.replace(/[\\`]/g, '\\$&')}\``;

/** A table, or a view of what the snapshot has (specification, repository-plugins 4.1). */
export const tableOf = ({ project, name }: SnapshotRef, table: string): string => quoted(`${project}.${name}.${table}`);

export const selectFrom = (snapshot: SnapshotRef, table: string, columns: readonly string[]): string =>
  `SELECT ${columns.map(quoted).join(', ')} FROM ${tableOf(snapshot, table)}`;

/** Names of its tables. */
export const tablesOf = (snapshot: SnapshotRef): string =>
  `SELECT table_name FROM ${tableOf(snapshot, 'INFORMATION_SCHEMA.TABLES')}`;

const oneOf = (column: string): string => `${column} IN UNNEST(@ids)`;

/** Whether a column has one of the ids that are a parameter. */
export const isOneOf = (column: string): string => oneOf(quoted(column));

/** Rows by keys, each after the name of its table. The ids are a parameter. */
export const selectByKeys = (snapshot: SnapshotRef, selections: readonly Selection[]): string =>
  selections
    .map(
      ({ table, columns, column, match }) =>
        `SELECT '${table}' AS source, ${columns.map(selected).join(', ')} FROM ${tableOf(snapshot, table)} WHERE ${conditions[match](quoted(column))}`,
    )
    .join(' UNION ALL ');

const selected = (column: string | null, place: number): string =>
  `${column === null ? 'CAST([] AS ARRAY<STRING>)' : quoted(column)} AS value_${place}`;

/** What is no JSON makes nothing. */
const conditions: Readonly<Record<Selection['match'], (column: string) => string>> = {
  is: oneOf,
  has: (column) => `EXISTS (SELECT 1 FROM UNNEST(${column}) AS one WHERE one IN UNNEST(@ids))`,
  makes: (column) => `EXISTS (SELECT 1 FROM UNNEST(SAFE.JSON_QUERY_ARRAY(${column}, '$.links')) AS link,
    UNNEST(JSON_QUERY_ARRAY(link, '$.outputs')) AS output WHERE JSON_VALUE(output, '$.output_id') IN UNNEST(@ids))`,
};
