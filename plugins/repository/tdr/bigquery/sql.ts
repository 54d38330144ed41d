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
