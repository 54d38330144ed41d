import { mappingDifferences } from '../generations/mapping.ts';
import { type Recomputed, type RecomputeParts, recompute } from '../generations/recomputed.ts';
import { type ComparedSums, compareSums } from './sums.ts';

/** What comparing a generation with the store came to; of differences the first ones. */
export interface Verification extends ComparedSums, Recomputed {
  readonly generation: number;
  /** `<entity type>: <path>` in index mappings that aren't as generated */
  readonly mappings: readonly string[];
  /** documents that can't be written, by their dead letters: left out of the comparison */
  readonly dead: number;
}

/** What a generation is verified with. */
export type VerifyParts = RecomputeParts;

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
 * @throws LazuliError `index_unavailable`
 */
export async function verifyGeneration(parts: VerifyParts, generation: number): Promise<Verification> {
  await parts.store.expect('much');
  const { documents, differences } = await compareSums(parts, generation);
  const { others, ...computed } = await recompute(parts, generation);
  const mappings = await mappingDifferences(parts.of, generation);
  return {
    ...{ generation, documents, ...computed, dead: parts.dead.length },
    differences: differences.slice(0, mostDifferences),
    others: others.slice(0, mostDifferences),
    mappings: mappings.slice(0, mostDifferences),
  };
}
