import type { ServedEntity } from '../catalogs.ts';
import type { SearchEngine, ServingIndex } from '../opensearch.ts';
import { missing } from './indices.ts';

/** A question that is on its way, and the one that is asked when it is answered. */
interface Resolving {
  now: Promise<ServingIndex | undefined>;
  next: Promise<ServingIndex | undefined> | undefined;
}

/**
 * Leads requests to the index that serves an entity type. Each request resolves its alias once, so that a swap of
 * generations in between can't mix two of them (architecture, invariant 15). Not to wait for that, work begins with
 * the index of the last request, and begins anew where that one doesn't serve any more.
 */
export class Serving {
  readonly #engine: Pick<SearchEngine, 'serving'>;
  readonly #last = new Map<string, ServingIndex>();
  readonly #resolving = new Map<string, Resolving>();

  constructor(engine: Pick<SearchEngine, 'serving'>) {
    this.#engine = engine;
  }

  /** @throws LazuliError `not_found`, `unavailable` */
  async with<T>({ alias, type }: ServedEntity, work: (index: ServingIndex) => Promise<T>): Promise<T> {
    const believed = this.#last.get(alias);
    // It takes longer than resolving, so it goes first.
    const begun = believed === undefined ? undefined : work(believed);
    // It doesn't count when it was about an index that doesn't serve any more.
    begun?.catch(() => {});
    const index = await this.#resolve(alias);
    if (index === undefined) {
      this.#last.delete(alias);
      return missing(type);
    }
    if (begun !== undefined && believed?.uuid === index.uuid) return begun;
    this.#last.set(alias, index);
    return work(index);
  }

  /** Asks once for all who came since it was asked last: what was asked before somebody came is no answer for him. */
  #resolve(alias: string): Promise<ServingIndex | undefined> {
    const resolving = this.#resolving.get(alias);
    if (resolving === undefined) return this.#ask(alias);
    resolving.next ??= resolving.now.catch(() => {}).then(() => this.#ask(alias));
    return resolving.next;
  }

  #ask(alias: string): Promise<ServingIndex | undefined> {
    const resolving: Resolving = { now: this.#engine.serving(alias), next: undefined };
    this.#resolving.set(alias, resolving);
    return resolving.now.finally(() => {
      if (resolving.next === undefined) this.#resolving.delete(alias);
    });
  }
}
