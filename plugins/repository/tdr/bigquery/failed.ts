import { LazuliError } from '../../../../core/config/errors.ts';
import type { SnapshotRef } from '../tables/tables.ts';
import { Failure } from './failure.ts';

/** Runs what asks BigQuery about a snapshot. @throws LazuliError `repository_unavailable` naming snapshot, table and what was wanted */
export async function naming<T>({ name, id }: SnapshotRef, what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const message = `Snapshot ${name} (${id}) can't be read from BigQuery: ${what}: ${error.message}`;
    throw new LazuliError('repository_unavailable', message, { remedy: remedyFor(error), cause: error });
  }
}

function remedyFor({ status, message }: Failure): string {
  if (/bytes ?billed/i.test(message))
    return 'See what a run costs by `lazuli reindex --from repository --dry-run`, and raise `bigquery.maximumBytesBilled` of the catalog.';
  if (status === 401 || status === 403)
    return 'Give the indexer account access to the snapshot, and the right to run queries in `bigquery.project`; ingest goes on by itself.';
  if (status === 404) return 'Check the source, and where its tables are; ingest goes on by itself.';
  return 'Wait, or try BigQuery by hand; ingest goes on by itself.';
}
