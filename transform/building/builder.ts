import type { CatalogContext } from '../catalog/context.ts';
import type { Documents } from '../computing/documents.ts';
import type { Emitter } from '../emitting/emitter.ts';
import { type GenerationGone, notKept } from '../generations/failures.ts';
import type { Generations, ToBuild } from '../generations/generations.ts';
import type { SnapshotPublisher } from '../snapshots/publisher.ts';
import type { Commits } from '../store/commits.ts';
import { Unconfirmed, Unverified } from '../verification/failures.ts';
import type { TypeChange } from '../verification/former.ts';
import type { Verifier } from '../verification/verifier.ts';
import { Build, type BuildProgress } from './build.ts';

/** Builds generations, one at a time, and lets them serve. */
export class Builder {
  readonly #context: CatalogContext;
  readonly #commits: Commits;
  readonly #generations: Generations;
  readonly #documents: Documents;
  readonly #snapshots: SnapshotPublisher;
  readonly #emitter: Emitter;
  readonly #verifier: Verifier;
  #build: Build | null = null;

  constructor(
    context: CatalogContext,
    commits: Commits,
    generations: Generations,
    documents: Documents,
    snapshots: SnapshotPublisher,
    emitter: Emitter,
    verifier: Verifier,
  ) {
    this.#context = context;
    this.#commits = commits;
    this.#generations = generations;
    this.#documents = documents;
    this.#snapshots = snapshots;
    this.#emitter = emitter;
    this.#verifier = verifier;
  }

  /** Null where none is built. */
  get progress(): BuildProgress | null {
    return this.#build?.progress ?? null;
  }

  /** Goes on with what an earlier worker has begun, or begins what is needed. */
  async take(toBuild: ToBuild): Promise<void> {
    // Of an attempt that failed further on: more may have been loaded since it was planned.
    this.#build = null;
    if (toBuild === 'another') await this.begin();
    else if (toBuild !== null) await this.#goOn(toBuild.begun, false);
  }

  /** Begins to build a generation of everything, if none is built already. */
  async begin(): Promise<void> {
    if (this.#build !== null) return;
    await this.#snapshots.prepareBase();
    const planned = this.#commits.current;
    const generation = await this.#generations.add((number) => this.#snapshots.noteBegun(number, planned));
    await this.#goOn(generation, true);
  }

  /**
   * One step of a build, if one is going on.
   *
   * @param acceptsVanished whether the generation may lack documents that the one before shows
   * @returns null where it goes on; else what `serve` will change: the generation is whole, verified, and up to date until
   *   something is loaded again
   * @throws Unverified where the new generation isn't what it must be: it is given up
   * @throws Unconfirmed where it lacks too many: it waits, current, for another step or to be given up
   */
  async step(acceptsVanished = false): Promise<readonly TypeChange[] | null> {
    if (this.#build === null || !(await this.#build.step())) return null;
    const { generation } = this.#build;
    await this.#emitter.complete(generation);
    this.#context.fault('transform.rebuilt');
    await this.#expectVerified(generation);
    return this.#verifier.changes(generation, acceptsVanished);
  }

  /** Whether something is built that lacks no more of what serves than may vanish without a yes. */
  async lacksLittle(): Promise<boolean> {
    if (this.#build === null) return false;
    const { generation } = this.#build;
    await this.#emitter.complete(generation);
    try {
      await this.#verifier.changes(generation, false);
      return true;
    } catch (error) {
      if (error instanceof Unconfirmed) return false;
      throw error;
    }
  }

  /** Lets what the last step has made ready serve. */
  async serve(): Promise<void> {
    if (this.#build === null) return;
    const { generation } = this.#build;
    await this.#generations.serve(generation);
    this.#context.fault('transform.swapped');
    await this.#generations.finish(generation);
    await this.#snapshots.noteBuilt(generation);
    this.#build = null;
  }

  /**
   * Lets a kept generation serve again.
   *
   * @param generation default: the one that served last
   * @returns its number
   * @throws LazuliError `conflict`
   */
  async rollBack(generation = this.#generations.kept[0]): Promise<number> {
    const { kept } = this.#generations;
    if (generation === undefined || !kept.includes(generation)) throw notKept(generation, kept);
    await this.#emitter.complete(generation);
    await this.#generations.serve(generation);
    return generation;
  }

  /** Gives up the build that is going on. */
  async abandon(): Promise<void> {
    if (this.#build === null) return;
    const { generation } = this.#build;
    await this.#build.end();
    this.#build = null;
    await this.#generations.giveUp(generation);
    await this.#snapshots.noteGivenUp(generation);
  }

  /** A generation has lost an index. If it was being built, it has to be begun again. */
  async noteGone(gone: GenerationGone): Promise<void> {
    await this.#generations.noteGone(gone);
    if (this.#build?.generation !== gone.generation) return;
    this.#build = null;
    await this.#snapshots.noteGivenUp(gone.generation);
  }

  async #expectVerified(generation: number): Promise<void> {
    try {
      await this.#verifier.expectVerified(generation);
    } catch (error) {
      if (error instanceof Unverified) await this.abandon();
      throw error;
    }
  }

  async #goOn(generation: number, isFresh: boolean): Promise<void> {
    const planned = await this.#generations.plan.planned();
    const writer = this.#emitter.writer(generation);
    this.#build = new Build(
      this.#context,
      this.#commits,
      this.#generations,
      this.#documents,
      this.#snapshots,
      writer,
      planned,
      isFresh,
    );
  }
}
