import type { Verification } from '../../core/control/verification.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import type { EntityKey } from '../store/schema.ts';
import { mappingDifferences } from './mapping.ts';
import { recompute } from './recomputed.ts';
import { compareSums } from './sums.ts';

/** In reports. */
const mostDifferences = 20;

/** Whether nothing differs. */
export const agrees = ({ differences, others, mappings }: Verification): boolean =>
  differences.length === 0 && others.length === 0 && mappings.length === 0;

/**
 * Compares a generation with the store (architecture, invariant 17): how many documents it has and the sums of their
 * hashes; some documents, large ones among them, computed again and compared member by member; and its mappings with
 * those generated. Nothing may wait to be written, and the generation must be refreshed.
 *
 * @param dead documents that are with the dead letters: left out
 * @throws LazuliError `index_unavailable`
 */
export async function verifyGeneration(
  context: CatalogContext,
  documents: Documents,
  dead: readonly EntityKey[],
  generation: number,
): Promise<Verification> {
  await context.store.expect('much');
  const { documents: counted, differences } = await compareSums(context, dead, generation);
  const { others, ...computed } = await recompute(context, documents, dead, generation);
  const mappings = await mappingDifferences(context, generation);
  return {
    ...{ generation, documents: counted, ...computed, dead: dead.length },
    differences: differences.slice(0, mostDifferences),
    others: others.slice(0, mostDifferences),
    mappings: mappings.slice(0, mostDifferences),
  };
}
