import type { ServedEntity } from '../catalogs.ts';
import type { SearchEngine, ServingIndex } from '../opensearch.ts';
import { missing } from './indices.ts';

/**
 * Leads requests to the index that serves an entity type. Each request resolves its alias once, so that a swap of
 * generations in between can't mix two of them (architecture, invariant 15). Not to wait for that, work begins with
 * the index of the last request, and begins anew where that one doesn't serve any more.
 */
export class Serving {
  readonly #engine: SearchEngine;
  readonly #last = new Map<string, ServingIndex>();

  constructor(engine: SearchEngine) {
    this.#engine = engine;
  }

  /** @throws LazuliError `not_found`, `unavailable` */
  async with<T>({ alias, type }: ServedEntity, work: (index: ServingIndex) => Promise<T>): Promise<T> {
    const resolving = this.#engine.serving(alias);
    const believed = this.#last.get(alias);
    const begun = believed === undefined ? undefined : work(believed);
    // It doesn't count when it was about an index that doesn't serve any more.
    begun?.catch(() => {});
    const index = await resolving;
    if (index === undefined) {
      this.#last.delete(alias);
      return missing(type);
    }
    if (begun !== undefined && believed?.uuid === index.uuid) return begun;
    this.#last.set(alias, index);
    return work(index);
  }
}
