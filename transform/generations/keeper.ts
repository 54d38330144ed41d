import { LazuliError } from '../../config/errors.ts';
import type { Logger } from '../../streams/logger.ts';
import type { Clock, FaultPoint } from '../../streams/ports.ts';
import type { Commits } from '../commits.ts';
import type { Emission, Target } from '../emission.ts';
import { indexLayoutVersion } from '../index-layout.ts';
import type { Store } from '../store/store.ts';
import type { Writing } from '../writing.ts';
import { Build, type BuildProgress } from './build.ts';
import {
  createGeneration,
  dropGeneration,
  type Generation,
  type GenerationsOf,
  isWhole,
  listGenerations,
  refreshGeneration,
  swapGenerations,
} from './indices.ts';
import { BuildPlan } from './plan.ts';

export interface KeeperParts {
  readonly of: GenerationsOf;
  readonly store: Store;
  readonly emission: Emission;
  readonly commits: Commits;
  /** Throws `superseded` where another worker has taken the catalog over. */
  readonly owned: () => Promise<void>;
  readonly target: (generation: number, commit: number) => Target;
  /** with what a generation is built */
  readonly writing: (generation: number) => Writing;
  /** Writes everything that waits to be written, into all generations that are attached. */
  readonly drain: () => Promise<void>;
  /** how many former generations stay current, to go back to */
  readonly keep: number;
  /** see `BuildPlan` */
  readonly bucketLinks: number;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fault: FaultPoint;
}

/** Longer than any request to the service takes. */
const retirementMillis = 60_000;

/** Indices that a generation has lost make it of no use. */
export class GenerationGone extends LazuliError {
  readonly generation: number;

  constructor(generation: number) {
    super('index_unavailable', `An index of generation ${generation} was deleted`, {
      remedy: 'A build starts over by itself; a generation that was kept can not be gone back to any more.',
    });
    this.generation = generation;
  }
}

/**
 * The generations of a catalog. Those that are *attached* hold all documents of the store as they are, but for what
 * waits to be written: the one that serves, former ones that are kept to go back to, and, once it is whole, the one
 * that is built. Everything that loads touch is written to all of them, also while one is built: so that one needs no
 * catching up at its end beyond what waits at that moment (architecture, invariants 14 to 16).
 */
export class GenerationKeeper {
  readonly #parts: KeeperParts;
  readonly #plan: BuildPlan;
  /** whether it is built, by number */
  readonly #attached = new Map<number, boolean>();
  #serving: number | null = null;
  #build: Build | null = null;
  /** when a generation ceased to serve, milliseconds since the epoch; null once it is dropped or kept */
  #retired: number | null = null;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#plan = new BuildPlan(parts.store, parts.bucketLinks);
  }

  /** the one that the service reads */
  get serving(): number | null {
    return this.#serving;
  }

  /** those to which everything is written that loads touch */
  get attached(): readonly number[] {
    return [...this.#attached.keys()];
  }

  /** former ones that are current, to go back to; the last one first */
  get kept(): readonly number[] {
    return [...this.#attached]
      .filter(([number, built]) => built && number !== this.#serving)
      .map(([number]) => number)
      .sort((a, b) => b - a);
  }

  get progress(): BuildProgress | null {
    return this.#build?.progress ?? null;
  }

  /** Whether the generation that serves has everything that was written. */
  get serves(): boolean {
    return this.#serving !== null && this.#attached.get(this.#serving) === true;
  }

  /**
   * Finds out which generations are this store's. One that another store wrote, that was laid out in another way or
   * has lost an index can't be kept current: if it is the one that serves, a fresh one is built.
   *
   * @param same whether this store wrote last
   */
  async take(same: boolean): Promise<void> {
    const { store, of } = this.#parts;
    if (!same) await store.transaction(() => this.#forgetAll());
    const found = await listGenerations(of);
    const serving = found.find(({ serves }) => serves);
    this.#serving = serving?.number ?? null;
    await this.#readAttached(found);
    if (serving !== undefined && this.#attached.has(serving.number)) await this.#noteBuilt(serving.number);
    const [unfinished] = [...this.#attached].filter(([, built]) => !built).map(([number]) => number);
    if (unfinished !== undefined) this.#build = await this.#newBuild(unfinished, async () => undefined);
    else if (!this.serves) await this.begin();
  }

  /** Begins to build a generation of everything, if none is built already. */
  async begin(): Promise<void> {
    if (this.#build !== null) return;
    const { of, store, owned } = this.#parts;
    await owned();
    const found = await listGenerations(of);
    for (const number of this.attached) if (!this.#whole(found, number)) await this.detach(number);
    const number = Math.max(0, ...found.map((one) => one.number)) + 1;
    await store.transaction(async () => {
      await this.#plan.make();
      await store.run(`INSERT INTO generations VALUES (${number}, ${indexLayoutVersion}, false)`);
      // What waits is part of the plan, and nobody else waits for it.
      if (this.#attached.size === 0) await store.run('DELETE FROM outbox');
    });
    this.#attached.set(number, false);
    this.#build = await this.#newBuild(number, () => this.#create(number));
  }

  /**
   * One step of a build, if one is going on; the last step lets the new generation serve.
   *
   * @returns whether a generation has begun to serve
   */
  async step(): Promise<boolean> {
    if (this.#build === null || !(await this.#build.step())) return false;
    const { generation } = this.#build;
    const { store, fault } = this.#parts;
    await this.#serve(generation, () => fault('transform.rebuilt'));
    fault('transform.swapped');
    await store.transaction(async () => {
      await this.#noteBuilt(generation);
      await this.#plan.drop();
    });
    this.#build = null;
    for (const number of this.kept.slice(this.#parts.keep)) await this.detach(number);
    return true;
  }

  /**
   * Lets a kept generation serve again.
   *
   * @param generation default: the one that served last
   * @returns its number
   * @throws LazuliError `conflict`
   */
  async rollBack(generation = this.kept[0]): Promise<number> {
    if (generation === undefined || !this.kept.includes(generation)) {
      const kept = this.kept.length === 0 ? 'none is' : `only ${this.kept.join(', ')}`;
      const which =
        generation === undefined
          ? 'There is no generation to go back to'
          : `Generation ${generation} is not kept current`;
      throw new LazuliError('conflict', `${which}: ${kept}.`, {
        remedy: 'Choose a generation that is kept, or build a fresh one with `lazuli reindex`.',
      });
    }
    await this.#serve(generation);
    return generation;
  }

  /**
   * Deletes a generation that doesn't serve.
   *
   * @throws LazuliError `not_found`, `conflict` where it serves or is being built
   */
  async drop(generation: number): Promise<void> {
    const { of } = this.#parts;
    const found = (await listGenerations(of)).find(({ number }) => number === generation);
    if (found === undefined) {
      throw new LazuliError('not_found', `${of.catalog} has no generation ${generation}.`, {
        remedy: '`lazuli generation list` shows which there are.',
      });
    }
    if (found.serves || this.#build?.generation === generation) {
      throw new LazuliError('conflict', `Generation ${generation} ${found.serves ? 'serves' : 'is being built'}.`, {
        remedy: 'Let another one serve first.',
      });
    }
    await this.detach(generation);
    await dropGeneration(of, found);
  }

  /** A generation isn't written to any more. */
  async detach(generation: number): Promise<void> {
    await this.#parts.store.run(`DELETE FROM generations WHERE generation = ${generation}`);
    this.#attached.delete(generation);
  }

  /** A generation has lost an index. If it was being built, the build starts over. */
  async gone({ generation }: GenerationGone): Promise<void> {
    this.#parts.logger.warn({ catalog: this.#parts.of.catalog, generation }, 'a generation has lost an index');
    await this.detach(generation);
    if (this.#build?.generation !== generation) return;
    this.#build = null;
    await this.begin();
  }

  /** @throws GenerationGone where a generation has lost an index that it needs not lose */
  async expectPresent(generation: number): Promise<void> {
    await this.#parts.owned();
    if (generation === this.#serving && this.#build === null) return;
    if (!this.#whole(await listGenerations(this.#parts.of), generation)) throw new GenerationGone(generation);
  }

  /** Those in the temporary table `wanted` were written to all that are attached; in the caller's transaction. */
  async noteWritten(): Promise<void> {
    if (this.#build !== null) await this.#plan.leaveOutWanted();
  }

  /** Generations that nobody keeps may go once the requests that read them have ended. */
  async dropRetired(): Promise<void> {
    if (this.#retired === null || this.#parts.clock.now() < this.#retired + retirementMillis) return;
    await this.#dropUnused(await listGenerations(this.#parts.of), Math.max(0, ...this.attached));
    this.#retired = null;
  }

  /** Before anything else is loaded, so that the generation has what the one before it has. */
  async #serve(generation: number, ready = (): void => undefined): Promise<void> {
    const { of, drain, owned, clock } = this.#parts;
    await drain();
    await refreshGeneration(of, generation);
    ready();
    await owned();
    const before = (await listGenerations(of)).find(({ serves }) => serves) ?? null;
    if (before?.number !== generation) await swapGenerations(of, before, generation);
    this.#serving = generation;
    this.#retired = clock.now();
  }

  async #newBuild(generation: number, create: () => Promise<void>): Promise<Build> {
    const { store, emission, commits, target, writing, clock, fault } = this.#parts;
    return new Build(generation, await this.#plan.planned(), {
      ...{ store, emission, commits, clock, fault, create, plan: this.#plan },
      target: (commit) => target(generation, commit),
      writing: writing(generation),
    });
  }

  /** Whatever is left of an earlier attempt goes. */
  async #create(generation: number): Promise<void> {
    const { of } = this.#parts;
    await this.#dropUnused(await listGenerations(of), generation + 1, generation);
    await createGeneration(of, generation);
  }

  /** Later ones may be those of a worker that has replaced this one. */
  async #dropUnused(found: readonly Generation[], before: number, anyway?: number): Promise<void> {
    const unused = found.filter(
      ({ number, serves }) => !serves && number < before && (number === anyway || !this.#attached.has(number)),
    );
    for (const generation of unused) await dropGeneration(this.#parts.of, generation);
  }

  async #readAttached(found: readonly Generation[]): Promise<void> {
    const rows = await this.#parts.store.rows('SELECT * FROM generations ORDER BY generation');
    this.#attached.clear();
    for (const { generation, layout, built } of rows) {
      const number = Number(generation);
      this.#attached.set(number, built === true);
      if (Number(layout) !== indexLayoutVersion || !this.#whole(found, number)) await this.detach(number);
    }
  }

  #whole(found: readonly Generation[], number: number): boolean {
    const one = found.find((generation) => generation.number === number);
    return one !== undefined && isWhole(this.#parts.of, one);
  }

  async #noteBuilt(generation: number): Promise<void> {
    await this.#parts.store.run(`UPDATE generations SET built = true WHERE generation = ${generation}`);
    this.#attached.set(generation, true);
  }

  async #forgetAll(): Promise<void> {
    await this.#parts.store.run('DELETE FROM generations');
    await this.#plan.drop();
  }
}
