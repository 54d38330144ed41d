import type { Verification } from '../../core/control/verification.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import type { SnapshotContents } from '../snapshots/contents.ts';
import type { EntityKey } from '../store/schema.ts';
import { mappingDifferences } from './mapping.ts';
import { recompute } from './recomputed.ts';
import { compareSnapshot } from './snapshot-sums.ts';
import { countOf, differingSums, indexedSums, storedSums } from './sums.ts';

/** In reports. */
const mostDifferences = 20;

/** Whether nothing differs. */
export const agrees = ({ differences, others, mappings, snapshot }: Verification): boolean =>
  [differences, others, mappings, snapshot.differences, snapshot.files].every(({ length }) => length === 0);

/**
 * Compares a generation with the store (architecture, invariant 17): how many documents it has and the sums of their
 * hashes, as the snapshot of it has; some documents, large ones among them, computed again and compared member by member; and its mappings with
 * those generated. Nothing may wait to be written, and the generation must be refreshed.
 *
 * @param dead documents that are with the dead letters: left out
 * @param published null where there is no snapshot of that generation
 * @throws LazuliError `index_unavailable`
 */
export async function verifyGeneration(
  context: CatalogContext,
  documents: Documents,
  dead: readonly EntityKey[],
  generation: number,
  published: SnapshotContents | null,
): Promise<Verification> {
  await context.store.expect('much');
  const expected = await storedSums(context, dead, generation);
  const differences = differingSums(context, expected, await indexedSums(context, dead, generation));
  const snapshot = await compareSnapshot(context, dead, expected, published);
  const { others, ...computed } = await recompute(context, documents, dead, generation);
  const mappings = await mappingDifferences(context, generation);
  return {
    ...{ generation, documents: countOf(expected), ...computed, dead: dead.length },
    differences: differences.slice(0, mostDifferences).map(({ found: index, ...at }) => ({ ...at, index })),
    snapshot: {
      files: snapshot.files.slice(0, mostDifferences),
      differences: snapshot.differences.slice(0, mostDifferences),
    },
    others: others.slice(0, mostDifferences),
    mappings: mappings.slice(0, mostDifferences),
  };
}
