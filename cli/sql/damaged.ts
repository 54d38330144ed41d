import { LazuliError } from '../../core/config/errors.ts';
import { damagedStaging, type WrittenFile } from '../../core/staged/batches.ts';
import { type Closeness, damageOf } from '../pipeline/damage.ts';

/** A table of a session, and the files that it is made of. */
export interface ViewedFiles {
  readonly catalog: string;
  readonly schema: string;
  readonly table: string;
  readonly files: readonly WrittenFile[];
  /** absolute paths of these files */
  readonly paths: readonly string[];
}

/** A table that can't be read. */
export interface Damaged {
  readonly schema: string;
  /** null: any of the schema */
  readonly table: string | null;
  /** which file it is, and what to do about it */
  readonly error: LazuliError;
}

/** What is wrong with a table, if a file of it is; the first one is named. @throws LazuliError `staging_unavailable` */
export async function damagedBy(
  { catalog, schema, table, files, paths }: ViewedFiles,
  closeness: Closeness,
): Promise<Damaged | null> {
  for (const [i, file] of files.entries()) {
    const damage = await damageOf(paths[i] ?? '', file, closeness);
    if (damage === null) continue;
    const what = `${schema}.${table} can't be read, as ${file.key} ${damage}`;
    return {
      schema,
      table,
      error: schema === catalog ? damagedStaging(what, catalog) : damagedSnapshot(what, catalog),
    };
  }
  return null;
}

const damagedSnapshot = (what: string, catalog: string): LazuliError =>
  new LazuliError('batch_damaged', `The snapshot of documents of ${catalog} is damaged: ${what}.`, {
    remedy: `Have another one made: \`lazuli reindex --catalog ${catalog}\`.`,
  });

/** Whether a statement failed because it names a table that has no view, as that is damaged. @param message of DuckDB */
export function namedIn(message: string, damaged: readonly Damaged[]): Damaged | undefined {
  const named = /^Catalog Error: Table with name "?([^"\s]+)"? does not exist/.exec(message)?.[1];
  if (named === undefined) return undefined;
  const table = named.split('.').at(-1);
  return damaged.find((one) => one.table === null || one.table === table);
}

/** DuckDB found a fault of the statement, before it read anything. */
export const isOfStatement = (message: string): boolean =>
  /^(Parser|Binder|Catalog|Permission|Conversion|Not implemented) Error/.test(message);
