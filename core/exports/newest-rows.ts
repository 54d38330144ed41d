import { texts } from '../duckdb/sql.ts';
import type { ObjectStore } from '../runtime/ports.ts';
import type { DocumentSnapshot, SnapshotFile } from './snapshots.ts';

/** Paths of the files of a snapshot that have the documents of one entity type. */
export interface SnapshotPaths {
  readonly base: readonly string[];
  readonly deltas: readonly string[];
}

/** The files of one entity type on this machine: those of a bucket are fetched. None where the snapshot has none of it. */
export async function snapshotPaths(
  { types }: Pick<DocumentSnapshot, 'types'>,
  entityType: string,
  objects: Pick<ObjectStore, 'localPath'>,
): Promise<SnapshotPaths> {
  const { base = [], deltas = [] } = types[entityType] ?? {};
  const pathsOf = async (files: readonly SnapshotFile[]) => {
    const paths: string[] = [];
    for (const { key } of files) paths.push(await objects.localPath(key));
    return paths;
  };
  return { base: await pathsOf(base), deltas: await pathsOf(deltas) };
}

/**
 * SQL of the rows of a snapshot that count: of an entity only the newest one, and no tombstone. Few entities have rows in
 * the deltas: the others are read from the base without a look at who is newest.
 *
 * @param winners a table of `winnersOf`, or SQL of it in parentheses
 * @returns null where there are no files
 */
export function newestRows(paths: SnapshotPaths, winners: string): string | null {
  const { base, deltas } = paths;
  if (base.length + deltas.length === 0) return null;
  const living = (rows: string): string => `SELECT * FROM ${rows} WHERE hash IS NOT NULL`;
  if (deltas.length === 0) return living(read(base));
  const untouched =
    base.length === 0 ? [] : [`SELECT * FROM ${read(base)} WHERE entity_id NOT IN (SELECT entity_id FROM ${winners})`];
  const touched = `SELECT * FROM ${read([...base, ...deltas])} SEMI JOIN ${winners} AS winners USING (entity_id, "commit")`;
  return living(`(${[...untouched, touched].join(' UNION ALL ')})`);
}

/** SQL of which row counts of the entities that have some in the deltas. @returns null where none has */
export function winnersOf({ base, deltas }: SnapshotPaths): string | null {
  if (deltas.length === 0) return null;
  return `SELECT entity_id, max("commit") AS "commit" FROM ${read([...base, ...deltas])}
    WHERE entity_id IN (SELECT entity_id FROM ${read(deltas)}) GROUP BY entity_id`;
}

/** SQL of those rows that are the newest of their entities. @param of SQL of rows that are looked at; default: the same */
export const newestOf = (rows: string, of = rows): string =>
  `SELECT * FROM ${rows} SEMI JOIN (SELECT entity_id, max("commit") AS "commit" FROM ${of} GROUP BY entity_id)
    USING (entity_id, "commit")`;

const read = (paths: readonly string[]): string => `read_parquet(${texts(paths)})`;
