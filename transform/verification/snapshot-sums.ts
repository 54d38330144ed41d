import type { Verification } from '../../core/control/verification.ts';
import { texts } from '../../core/duckdb/sql.ts';
import { newestOf } from '../../core/exports/newest-rows.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { SnapshotContents } from '../snapshots/contents.ts';
import type { EntityKey } from '../store/schema.ts';
import { isAlive } from './dead-documents.ts';
import { differingSums, type Sums, sumsOf } from './sums.ts';

/**
 * Compares what a snapshot has with what the ledger says (architecture, invariant 21): its files are those that were
 * written, and have the same documents.
 *
 * @param dead documents that are with the dead letters: left out
 * @param expected of all entity types
 * @param published null where there is nothing to compare
 */
export async function compareSnapshot(
  context: CatalogContext,
  dead: readonly EntityKey[],
  expected: Sums,
  published: SnapshotContents | null,
): Promise<Verification['snapshot']> {
  if (published === null || published.damaged.length > 0) return { files: published?.damaged ?? [], differences: [] };
  const ofType = (type: number): Sums => new Map([...expected].filter(([key]) => key.startsWith(`${type} `)));
  const differences: Verification['snapshot']['differences'][number][] = [];
  for (const [type, paths] of published.paths) {
    const found = paths.length === 0 ? new Map() : await sumsOf(context, documentsOf(type, paths, dead));
    for (const { found: snapshot, ...at } of differingSums(context, ofType(type), found))
      differences.push({ ...at, snapshot });
  }
  return { files: [], differences };
}

/** SQL of documents that files have, one row for each source: of an entity the newest row counts, unless it is a tombstone. */
function documentsOf(type: number, paths: readonly string[], dead: readonly EntityKey[]): string {
  const rows = `read_parquet(${texts(paths)})`;
  return `SELECT DISTINCT entity_type, entity_id, unnest(source_ids) AS source_id, hash FROM (
    SELECT ${type}::TINYINT AS entity_type, entity_id, hash, source_ids FROM (${newestOf(rows)}))
    WHERE hash IS NOT NULL AND ${isAlive(dead)}`;
}
