import { LazuliError } from '../../core/config/errors.ts';
import { type Halt, Halts } from '../../core/runs/halts.ts';
import type { Activity } from '../catalog/activity.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import type { Generations } from '../generations/generations.ts';
import { refreshGeneration } from '../generations/indices.ts';
import type { SnapshotPublisher } from '../snapshots/publisher.ts';
import type { Commits } from '../store/commits.ts';
import type { EntityKey } from '../store/schema.ts';
import { DocumentLetters } from './document-letters.ts';
import { GenerationWriter } from './generation-writer.ts';
import { Outbox } from './outbox.ts';
import { Rounds } from './rounds.ts';

/** Writes what waits in the outbox into all attached generations, and knows how far that is. */
export class Emitter {
  readonly #context: CatalogContext;
  readonly #commits: Commits;
  readonly #generations: Generations;
  readonly #activity: Activity;
  readonly #stop: AbortSignal;
  readonly #outbox: Outbox;
  readonly #letters: DocumentLetters;
  readonly #rounds: Rounds;
  readonly #halts: Halts;
  #halt: Halt | null = null;
  #documents = 0;
  /** whether searches may not see yet what was written */
  #unseen = false;
  /** commit up to which everything is written */
  #written = 0;

  /** @param stop ends writing before its time */
  constructor(
    context: CatalogContext,
    commits: Commits,
    generations: Generations,
    documents: Documents,
    snapshots: SnapshotPublisher,
    activity: Activity,
    stop: AbortSignal,
  ) {
    this.#context = context;
    this.#commits = commits;
    this.#generations = generations;
    this.#activity = activity;
    this.#stop = stop;
    this.#outbox = new Outbox(context.store, context.clock);
    this.#letters = new DocumentLetters(context);
    this.#rounds = new Rounds(context, commits, generations, documents, snapshots, this.#outbox, this.#letters);
    this.#halts = new Halts(context.objects, context.clock);
  }

  /** Why nothing is written on purpose, as of the last look; null where it is. */
  get halt(): Halt | null {
    return this.#halt;
  }

  /** that were written since the process started */
  get documents(): number {
    return this.#documents;
  }

  /** Finds out whether an operator lets it write. */
  async lookForHalt(): Promise<void> {
    this.#halt = await this.#halts.of('emit');
  }

  /** commit up to which everything is written */
  get written(): number {
    return this.#written;
  }

  isWritten(commit: number): boolean {
    return this.#written >= commit;
  }

  /** Milliseconds until a costly document may be written again; null where none rests. */
  restLeft(): number | null {
    return this.#outbox.restLeft();
  }

  /** Has a document written again, also where it is what was written last. */
  touch(entity: EntityKey): Promise<void> {
    return this.#context.store.transaction(async () => {
      const commit = await this.#commits.next();
      this.#generations.distrust(commit);
      await this.#outbox.touch(entity, commit);
    });
  }

  /** What writes into a generation until the worker stops. */
  writer(generation: number, signal = this.#stop): GenerationWriter {
    return new GenerationWriter(this.#context, this.#generations, this.#letters, this.#activity, generation, signal);
  }

  /** @returns whether there was anything that may be written now */
  async some(interruption: AbortSignal): Promise<boolean> {
    if (this.#halt !== null) return false;
    return this.#write(AbortSignal.any([interruption, this.#stop]), false);
  }

  /**
   * Writes everything that waits, also what would rest otherwise, and lets it be seen in a generation: until something is
   * loaded again, that one has everything that the store has.
   *
   * @throws LazuliError `conflict` where an operator has paused it
   */
  async complete(generation: number): Promise<void> {
    if (this.#halt !== null)
      throw new LazuliError('conflict', 'Nothing is written: an operator has paused it.', {
        remedy: 'Run `lazuli resume emit` first.',
      });
    while (await this.#write(this.#stop, true));
    await refreshGeneration(this.#context, generation);
  }

  /** Lets searches see what was written at once, where nothing else waits: it doesn't wait for the next regular refresh. */
  async show(): Promise<void> {
    const serving = this.#generations.served.number;
    if (serving === null || !this.#unseen) return;
    this.#unseen = false;
    await refreshGeneration(this.#context, serving);
  }

  /** Finds out how far it is. Where nothing serves that is current, nothing counts as written yet. */
  async note(): Promise<void> {
    if (!this.#generations.serves) return;
    const oldest = await this.#outbox.oldest();
    this.#written = oldest === null ? this.#commits.current : oldest - 1;
  }

  async #write(signal: AbortSignal, evenResting: boolean): Promise<boolean> {
    const { attached } = this.#generations;
    if (attached.length === 0) return false;
    const writers = attached.map((generation) => this.writer(generation, signal));
    const { taken, written } = await this.#rounds.next(writers, evenResting);
    this.#documents += written;
    this.#unseen ||= written > 0;
    await this.note();
    return taken > 0;
  }
}
