import type { BucketItem, BucketRef, BucketReport } from '../../core/control/building.ts';
import type { Run } from '../../core/runs/run.ts';
import type { Emitter } from '../emitting/emitter.ts';
import { type GenerationGone, notKept } from '../generations/failures.ts';
import type { ToBuild } from '../generations/generations.ts';
import { Unconfirmed, Unverified } from '../verification/failures.ts';
import type { TypeChange } from '../verification/former.ts';
import type { Verifier } from '../verification/verifier.ts';
import { Build, type BuildProgress } from './build.ts';
import type { BuildParts } from './parts.ts';
import { notAwaited } from './sharing.ts';

/** What of a run concerns its build. */
type BuildOptions = Pick<Run, 'acceptsVanished' | 'builders'>;

/** Builds generations, one at a time, and lets them serve. */
export class Builder {
  readonly #parts: BuildParts;
  readonly #emitter: Emitter;
  readonly #verifier: Verifier;
  readonly #stop: AbortSignal;
  #build: Build | null = null;

  /** @param stop ends copying before its time */
  constructor(parts: BuildParts, emitter: Emitter, verifier: Verifier, stop: AbortSignal) {
    this.#parts = parts;
    this.#emitter = emitter;
    this.#verifier = verifier;
    this.#stop = stop;
  }

  /** Null where none is built. */
  get progress(): BuildProgress | null {
    return this.#build?.progress ?? null;
  }

  /** Whether it waits for builders alone. */
  get waits(): boolean {
    return this.#build?.sharing.waits ?? false;
  }

  /** The next bucket for a builder; null where there is none. */
  handOut(builder: string): BucketItem | null {
    return this.#build?.sharing.take(builder) ?? null;
  }

  /** A builder works on a bucket. @returns whether it is to go on */
  keep(of: BucketRef, builder: string): boolean {
    return this.#build?.sharing.keep(of, builder) ?? false;
  }

  /** A builder has to stop working on a bucket. */
  release(of: BucketRef, builder: string): void {
    this.#build?.sharing.release(of, builder);
  }

  /** What a builder says of a bucket. @throws LazuliError `conflict`, `bad_request` */
  async note(report: BucketReport): Promise<void> {
    if (this.#build === null) throw notAwaited(report.of);
    await this.#build.sharing.note(report);
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
    await this.#parts.snapshots.prepareBase();
    const planned = this.#parts.commits.current;
    const generation = await this.#parts.generations.add((number) => this.#parts.snapshots.noteBegun(number, planned));
    await this.#goOn(generation, true);
  }

  /**
   * One step of a build, if one is going on.
   *
   * @param run `acceptsVanished`: whether the generation may lack documents that the one before shows; `builders`: so many are
   *   wanted to help
   * @returns null where it goes on; else what `serve` will change: the generation is whole, verified, and up to date until
   *   something is loaded again
   * @throws Unverified where the new generation isn't what it must be: it is given up
   * @throws Unconfirmed where it lacks too many: it waits, current, for another step or to be given up
   */
  async step({ acceptsVanished, builders }: BuildOptions): Promise<readonly TypeChange[] | null> {
    if (this.#build === null || !(await this.#build.step(builders))) return null;
    const { generation } = this.#build;
    await this.#build.end();
    await this.#emitter.complete(generation);
    this.#parts.context.fault('transform.rebuilt');
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
    await this.#parts.generations.serve(generation);
    this.#parts.context.fault('transform.swapped');
    await this.#parts.generations.finish(generation);
    await this.#parts.snapshots.noteBuilt(generation);
    this.#build = null;
  }

  /**
   * Lets a kept generation serve again.
   *
   * @param generation default: the one that served last
   * @returns its number
   * @throws LazuliError `conflict`
   */
  async rollBack(generation = this.#parts.generations.kept[0]): Promise<number> {
    const { kept } = this.#parts.generations;
    if (generation === undefined || !kept.includes(generation)) throw notKept(generation, kept);
    await this.#emitter.complete(generation);
    await this.#parts.generations.serve(generation);
    return generation;
  }

  /** Gives up the build that is going on. */
  async abandon(): Promise<void> {
    if (this.#build === null) return;
    const { generation } = this.#build;
    await this.#build.end();
    this.#build = null;
    await this.#parts.generations.giveUp(generation);
    await this.#parts.snapshots.noteGivenUp(generation);
  }

  /** A generation has lost an index. If it was being built, it has to be begun again. */
  async noteGone(gone: GenerationGone): Promise<void> {
    await this.#parts.generations.noteGone(gone);
    if (this.#build?.generation !== gone.generation) return;
    await this.#build.end();
    this.#build = null;
    await this.#parts.snapshots.noteGivenUp(gone.generation);
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
    const planned = await this.#parts.generations.plan.planned();
    const writer = this.#emitter.writer(generation);
    this.#build = new Build(this.#parts, writer, planned, isFresh, this.#stop);
  }
}
