import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import type { Generations } from '../generations/generations.ts';
import type { SnapshotPublisher } from '../snapshots/publisher.ts';
import type { Commits } from '../store/commits.ts';
import { mayBeOwn } from '../store/failures.ts';
import type { EntityKey } from '../store/schema.ts';
import { computeFor } from './compute-for.ts';
import type { DocumentLetters } from './document-letters.ts';
import type { GenerationWriter } from './generation-writer.ts';
import { Halving } from './halving.ts';
import { maxWanted, type Outbox } from './outbox.ts';
import { OwnFaults } from './own-faults.ts';

/** How many documents were taken from what waits, and how many of them weren't in all generations already. */
interface Taken {
  readonly taken: number;
  readonly written: number;
}

/** Some of what waits, computed. */
interface Round extends Taken {
  readonly hot: readonly string[];
  /** @returns those that OpenSearch has refused */
  readonly write: () => Promise<readonly EntityKey[]>;
}

const none: Taken = { taken: 0, written: 0 };

/**
 * Writes what waits in the outbox, some at a time. Documents get their version in the transaction that computes them,
 * and leave the outbox when every generation has acknowledged them (invariants 3, 6, 9), or has them as they are already.
 */
export class Rounds {
  readonly #context: CatalogContext;
  readonly #commits: Commits;
  readonly #generations: Generations;
  readonly #documents: Documents;
  readonly #snapshots: SnapshotPublisher;
  readonly #outbox: Outbox;
  readonly #faults: OwnFaults;
  /** of what waits: which documents can't be computed */
  readonly #halving = new Halving(maxWanted);

  constructor(
    context: CatalogContext,
    commits: Commits,
    generations: Generations,
    documents: Documents,
    snapshots: SnapshotPublisher,
    outbox: Outbox,
    letters: DocumentLetters,
  ) {
    this.#context = context;
    this.#commits = commits;
    this.#generations = generations;
    this.#documents = documents;
    this.#snapshots = snapshots;
    this.#outbox = outbox;
    this.#faults = new OwnFaults(context, documents, letters);
  }

  /**
   * @param evenResting whether costly documents are written that rest from the last time, too
   * @returns none taken where none may be written now
   */
  async next(writers: readonly GenerationWriter[], evenResting: boolean): Promise<Taken> {
    const { clock } = this.#context;
    if ((await this.#outbox.size()) === 0) return none;
    const started = clock.now();
    const round = await this.#compute(writers, evenResting ? [] : this.#outbox.resting());
    if (round === null) return none;
    await this.#write(round);
    this.#outbox.rest(round.hot, clock.now() - started);
    return round;
  }

  async #write({ write }: Round): Promise<void> {
    const { fault } = this.#context;
    fault('transform.computed');
    try {
      const refused = await write();
      fault('transform.written');
      await this.#acknowledge(refused);
    } catch (error) {
      this.#generations.distrust(this.#commits.current);
      throw error;
    }
    fault('transform.acknowledged');
  }

  async #acknowledge(refused: readonly EntityKey[]): Promise<void> {
    await this.#context.store.transaction(async () => {
      await this.#outbox.acknowledge();
      await this.#generations.noteWritten();
      await this.#snapshots.noteRefused(refused);
    });
  }

  /** As many as can be computed together; one that can't be, alone, is with the dead letters. */
  async #compute(writers: readonly GenerationWriter[], resting: readonly string[]): Promise<Round | null> {
    for (;;) {
      let taken = 0;
      try {
        const round = await this.#context.store.transaction(() =>
          this.#take(writers, resting, (wanted) => {
            taken = wanted;
          }),
        );
        this.#halving.passed(taken);
        return round;
      } catch (error) {
        if (taken === 0 || !mayBeOwn(error)) throw error;
        if (this.#halving.failed(taken)) return this.#setAside(resting, error);
      }
    }
  }

  async #take(
    writers: readonly GenerationWriter[],
    resting: readonly string[],
    onTaken: (wanted: number) => void,
  ): Promise<Round | null> {
    const { store } = this.#context;
    await store.expect('little');
    const { wanted, hot } = await this.#outbox.take(resting, this.#halving.most);
    if (wanted === 0) return null;
    onTaken(wanted);
    const areHot = hot.length > 0;
    if (areHot) await store.expect('much');
    const commit = await this.#commits.next();
    const write = await computeFor(writers, this.#documents, this.#generations, { commit, areHot });
    await this.#snapshots.noteComputed(commit);
    return { taken: wanted, written: await store.number('SELECT count(*) FROM computed'), hot, write };
  }

  /** Nothing is to be written of it: what is in the index stays until it is corrected. */
  async #setAside(resting: readonly string[], error: unknown): Promise<Round> {
    const { store } = this.#context;
    const { wanted, hot } = await store.transaction(() => this.#outbox.take(resting, 1));
    const [row] = await store.rows('SELECT entity_type, entity_id FROM wanted');
    await this.#faults.bury({ entityType: Number(row?.entity_type), entityId: String(row?.entity_id) }, error);
    this.#halving.passed(wanted);
    return { taken: wanted, written: 0, hot, write: async () => [] };
  }
}
