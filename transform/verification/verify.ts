import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import type { EntityKey } from '../store/schema.ts';
import { mappingDifferences } from './mapping.ts';
import { type Recomputed, recompute } from './recomputed.ts';
import { type ComparedSums, compareSums } from './sums.ts';

/** What comparing a generation with the store came to; of differences the first ones. */
export interface Verification extends ComparedSums, Recomputed {
  readonly generation: number;
  /** `<entity type>: <path>` in index mappings that aren't as generated */
  readonly mappings: readonly string[];
  /** documents that can't be written, by their dead letters: left out of the comparison */
  readonly dead: number;
}

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
