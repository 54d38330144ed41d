import type { CatalogContext } from '../catalog/context.ts';
import type { Former } from '../generations/generations.ts';
import { heldDocuments } from '../generations/ledger.ts';
import type { EntityKey } from '../store/schema.ts';
import { lacking } from './failures.ts';
import { changesSince, type TypeChange } from './former.ts';

/** A larger share of an entity type's documents, or of a run's bundles, vanishes only with a yes. */
export const mostLost = 0.01;

/**
 * What a generation that is about to serve lacks of the one that serves (architecture, invariant 17). A first one lacks
 * nothing, nor does any where none was left.
 *
 * @throws Unconfirmed where it is more than 1 % of an entity type, unless that is accepted
 */
export async function expectFewVanish(
  context: CatalogContext,
  dead: readonly EntityKey[],
  former: Former | null,
  generation: number,
  accepted: boolean,
): Promise<readonly TypeChange[]> {
  const changes = await changesSince(context, dead, former, heldDocuments(generation));
  const many = changes.filter(({ before, lost }) => lost > before * mostLost);
  if (many.length > 0 && !accepted) throw lacking(generation, many);
  return changes;
}
