import { LazuliError } from '../../core/config/errors.ts';
import type { Restriction } from '../../core/config/sources.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Emitter } from '../emitting/emitter.ts';
import type { Generations } from '../generations/generations.ts';
import type { Commits } from '../store/commits.ts';
import { mentionedQuery, type Part, storedPart } from '../store/part.ts';
import { Unverified } from '../verification/failures.ts';
import type { Verifier } from '../verification/verifier.ts';
import { agrees } from '../verification/verify.ts';

/**
 * Has the documents that some bundles have a part in computed and written again, into the generations that are attached:
 * they are touched, and go the way of all that is.
 */
export class Recomputation {
  readonly #context: CatalogContext;
  readonly #commits: Commits;
  readonly #generations: Generations;
  readonly #emitter: Emitter;
  readonly #verifier: Verifier;
  #part: Part = { sources: [], prefix: '' };
  #expected = 0;
  /** of the transaction that touched them */
  #commit = 0;

  constructor(
    context: CatalogContext,
    commits: Commits,
    generations: Generations,
    emitter: Emitter,
    verifier: Verifier,
  ) {
    this.#context = context;
    this.#commits = commits;
    this.#generations = generations;
    this.#emitter = emitter;
    this.#verifier = verifier;
  }

  /** @throws LazuliError `conflict` where nothing serves that is current */
  async begin(restriction: Restriction): Promise<void> {
    const { store } = this.#context;
    if (!this.#generations.serves) {
      throw new LazuliError('conflict', 'No current generation serves that could be recomputed.', {
        remedy: 'Build one: `lazuli reindex`.',
      });
    }
    this.#part = await storedPart(store, restriction);
    await store.transaction(async () => {
      this.#commit = await this.#commits.next();
      this.#generations.distrust(this.#commit);
      await store.run(`INSERT INTO outbox SELECT entity_type, entity_id, ${this.#commit}, ${this.#commit} FROM (${mentionedQuery(this.#part)})
        ON CONFLICT DO UPDATE SET commit = excluded.commit`);
      this.#expected = await store.number(`SELECT count(*) FROM outbox WHERE commit = ${this.#commit}`);
    });
  }

  /** Documents. What was touched again meanwhile counts as done: it is written with that. */
  async progress(): Promise<{ readonly expected: number; readonly done: number }> {
    const left = await this.#context.store.number(`SELECT count(*) FROM outbox WHERE commit = ${this.#commit}`);
    return { expected: this.#expected, done: this.#expected - left };
  }

  /**
   * Compares the generation that serves with the store, once all is written.
   *
   * @returns whether it is done
   * @throws Unverified where it isn't what the store says of the sources
   */
  async step(): Promise<boolean> {
    if (!this.#emitter.isWritten(this.#commit)) return false;
    const found = await this.#verifier.verify();
    const isOfPart = ({ source }: { readonly source: string }) => this.#part.sources.includes(source);
    const differences = found.differences.filter(isOfPart);
    const snapshot = { ...found.snapshot, differences: found.snapshot.differences.filter(isOfPart) };
    const verification = { ...found, differences, snapshot };
    if (!agrees(verification)) throw new Unverified(verification);
    return true;
  }
}
