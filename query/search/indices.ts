import { LazuliError } from '../../config/errors.ts';
import type { IndexedEntity } from '../catalogs.ts';
import type { SearchEngine } from '../opensearch.ts';

/**
 * The index that serves documents of one entity type. One resolution a request: a swap of generations
 * in between can't mix two of them (architecture, invariant 15).
 *
 * @throws LazuliError `not_found`, `unavailable`
 */
export async function indexOf(engine: SearchEngine, { alias, type }: IndexedEntity): Promise<string> {
  return (await engine.index(alias)) ?? missing(type);
}

/**
 * The same for several entity types, of one generation.
 *
 * @returns in the order of the entity types
 * @throws LazuliError `not_found`, `unavailable`
 */
export async function indicesOf(engine: SearchEngine, entities: readonly IndexedEntity[]): Promise<readonly string[]> {
  const found = await engine.indices(entities.map(({ alias }) => alias));
  return entities.map(({ alias, type }) => found.get(alias) ?? missing(type));
}

/** @throws LazuliError `not_found` */
export function missing(type: string): never {
  throw new LazuliError('not_found', `There is no index of ${type} in this catalog yet.`, {
    remedy: 'Create it with `lazuli index create`.',
  });
}
