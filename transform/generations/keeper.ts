import type { Restriction } from '../../core/config/sources.ts';
import type { LastWriter } from '../owner/lineage.ts';
import { deadDocuments } from '../verification/dead-documents.ts';
import { expectFewVanish } from '../verification/vanished.ts';
import { agrees, type Verification, type VerifyParts, verifyGeneration } from '../verification/verify.ts';
import { Attached } from './attached.ts';
import { Build, type BuildProgress } from './build.ts';
import { GenerationGone, needed, noGeneration, notCurrent, notKept, Unverified } from './failures.ts';
import { type Forecast, forecast } from './forecast.ts';
import type { Former, TypeChange } from './former.ts';
import {
  createGeneration,
  dropGeneration,
  type Generation,
  isWhole,
  listGenerations,
  refreshGeneration,
} from './indices.ts';
import type { KeeperParts } from './keeper-parts.ts';
import { Ledger } from './ledger.ts';
import { GenerationNumbers } from './numbers.ts';
import { BuildPlan } from './plan.ts';
import { Served } from './served.ts';
import { keepReplicas } from './spread.ts';

/** Longer than any request to the service takes. */
const retirementMillis = 60_000;

/**
 * The generations of a catalog. Those that are *attached* hold all documents of the store as they are, but for what
 * waits to be written: the one that serves, former ones that are kept to go back to, and, once it is whole, the one
 * that is built. Everything that loads touch is written to all of them, also while one is built: so that one needs no
 * catching up at its end beyond what waits at that moment (architecture, invariants 14 to 16).
 */
export class GenerationKeeper {
  readonly #parts: KeeperParts;
  readonly #plan: BuildPlan;
  readonly #ledger: Ledger;
  readonly #attached: Attached;
  readonly #numbers: GenerationNumbers;
  readonly served: Served;
  #build: Build | null = null;
  /** when a generation ceased to serve, milliseconds since the epoch; null once it is dropped or kept */
  #retired: number | null = null;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#plan = new BuildPlan(parts.store, parts.bucketLinks);
    this.#ledger = new Ledger(parts.store);
    this.served = new Served(parts.of);
    this.#numbers = new GenerationNumbers(parts.records, parts.of.catalog, parts.epoch);
    this.#attached = new Attached(parts.store, this.#ledger, parts.of.plugin);
  }

  /** those to which everything is written that loads touch */
  get attached(): readonly number[] {
    return this.#attached.all;
  }

  /** former ones that are current, to go back to; the last one first */
  get kept(): readonly number[] {
    return this.#attached.built.filter((number) => number !== this.served.number);
  }

  get progress(): BuildProgress | null {
    return this.#build?.progress ?? null;
  }

  /** Whether the generation that serves has everything that was written. */
  get serves(): boolean {
    return this.served.number !== null && this.#attached.isBuilt(this.served.number);
  }

  /**
   * Finds out which generations are this store's. One that another store wrote, that was laid out in another way or
   * has lost an index can't be kept current: if it is the one that serves, a fresh one is built.
   * Of those that a copied store knows, others may have been dropped and made anew since: only the one that serves is whole.
   */
  async take(writer: LastWriter): Promise<void> {
    const { store } = this.#parts;
    // Of an attempt that failed further on: more may have been loaded since it was planned.
    this.#build = null;
    if (writer === 'another') {
      await store.transaction(async () => {
        await this.#attached.removeAll();
        await this.#plan.drop();
      });
    }
    const found = await this.served.look();
    const serving = this.served.number;
    const isSame = (number: number, built: boolean) => writer === 'this' || (built && number === serving);
    const isUsable = (number: number, built: boolean) => isSame(number, built) && this.#isWhole(found, number);
    const unfinished = await this.#attached.read(isUsable);
    // It serves as the last thing that happened before its worker ended.
    if (serving !== null && this.#attached.has(serving)) await this.#attached.finish(serving);
    if (unfinished !== null && this.#attached.has(unfinished) && unfinished !== serving)
      this.#build = await this.#newBuild(unfinished, async () => undefined);
    else if (!this.serves || (unfinished !== null && !this.#attached.has(unfinished))) await this.begin();
  }

  /** Begins to build a generation of everything, if none is built already. */
  async begin(): Promise<void> {
    if (this.#build !== null) return;
    const { of, store, owned } = this.#parts;
    await owned();
    const found = await listGenerations(of);
    for (const number of this.attached) if (!this.#isWhole(found, number)) await this.#attached.remove(number);
    const number = await this.#numbers.take(found);
    await store.expect('much');
    await store.transaction(async () => {
      await this.#ledger.compact();
      await this.#plan.make();
      await this.#attached.add(number);
      // What waits is part of the plan, and nobody else waits for it.
      if (this.attached.length === 1) await store.run('DELETE FROM outbox');
    });
    this.#build = await this.#newBuild(number, () => this.#create(number));
  }

  /**
   * One step of a build, if one is going on; the last step lets the new generation serve.
   *
   * @param acceptsVanished whether it may lack documents that the one before shows
   * @returns what has changed since that one, where another one has begun to serve; else null
   * @throws Unverified where the new generation isn't what it must be: it is given up
   * @throws Unconfirmed where it lacks too many: it waits, current, for another step or to be given up
   */
  async step(acceptsVanished = false): Promise<readonly TypeChange[] | null> {
    if (this.#build === null || !(await this.#build.step())) return null;
    const { generation } = this.#build;
    const { store, fault } = this.#parts;
    await this.#makeCurrent(generation);
    fault('transform.rebuilt');
    await this.#expectVerified(generation);
    const changes = await expectFewVanish(await this.#comparing(), this.#former, generation, acceptsVanished);
    await this.#serve(generation);
    fault('transform.swapped');
    await store.transaction(async () => {
      await this.#attached.finish(generation);
      await this.#plan.drop();
    });
    this.#build = null;
    for (const number of this.kept.slice(this.#parts.keep)) await this.#attached.remove(number);
    return changes;
  }

  /**
   * Lets a kept generation serve again.
   *
   * @param generation default: the one that served last
   * @returns its number
   * @throws LazuliError `conflict`
   */
  async rollBack(generation = this.kept[0]): Promise<number> {
    if (generation === undefined || !this.kept.includes(generation)) throw notKept(generation, this.kept);
    await this.#makeCurrent(generation);
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
    if (found === undefined) throw noGeneration(of.catalog, generation);
    if (found.serves || this.#build?.generation === generation) throw needed(generation, found.serves);
    await this.#attached.remove(generation);
    await dropGeneration(of, found);
  }

  /**
   * Compares a generation with the store.
   *
   * @param generation default: the one that serves
   * @throws LazuliError `conflict` where it isn't kept current
   */
  async verify(generation = this.served.number): Promise<Verification> {
    if (generation === null || !this.#attached.isBuilt(generation)) throw notCurrent(generation);
    await this.#makeCurrent(generation);
    return verifyGeneration(await this.#comparing(), generation);
  }

  /** What a build, or a repair, would come to. @throws LazuliError `index_unavailable` */
  async forecast(restriction?: Restriction): Promise<Forecast> {
    return forecast(await this.#comparing(), this.#former, restriction);
  }

  /** Gives up the build that is going on; its indices go at the next occasion. */
  async abandon(): Promise<void> {
    if (this.#build === null) return;
    const { generation } = this.#build;
    await this.#build.end();
    this.#build = null;
    await this.#parts.store.transaction(async () => {
      await this.#attached.remove(generation);
      await this.#plan.drop();
    });
    this.#retired ??= this.#parts.clock.now();
  }

  /** A generation has lost an index. If it was being built, it has to be begun again. */
  async gone({ generation }: GenerationGone): Promise<void> {
    this.#parts.logger.warn({ catalog: this.#parts.of.catalog, generation }, 'a generation has lost an index');
    await this.#attached.remove(generation);
    if (this.#build?.generation === generation) this.#build = null;
  }

  /** @throws GenerationGone where a generation has lost an index that it needs not lose */
  async expectPresent(generation: number): Promise<void> {
    await this.#parts.owned();
    if (generation === this.served.number && this.#build === null) return;
    if (!this.#isWhole(await listGenerations(this.#parts.of), generation)) throw new GenerationGone(generation);
  }

  /** What is in the temporary table `computed` will be written to all that are attached; in the caller's transaction. */
  async noteComputed(commit: number): Promise<void> {
    await this.#ledger.note(this.attached, commit);
  }

  /** Those in the temporary table `wanted` were written to all that are attached; in the caller's transaction. */
  async noteWritten(): Promise<void> {
    if (this.#build !== null) await this.#plan.leaveOutWanted();
  }

  /** What is to be done now and then. */
  async tidy(): Promise<void> {
    await this.#ledger.compactLarge();
    await keepReplicas(this.#parts);
    await this.#dropRetired();
  }

  /** Generations that nobody keeps may go once the requests that read them have ended. */
  async #dropRetired(): Promise<void> {
    if (this.#retired === null || this.#parts.clock.now() < this.#retired + retirementMillis) return;
    await this.#dropUnused(await listGenerations(this.#parts.of), Math.max(0, ...this.attached));
    this.#retired = null;
  }

  /** The one that serves, as one to compare with. */
  get #former(): Former | null {
    return this.served.number === null ? null : { generation: this.served.number, current: this.serves };
  }

  /** Until something is loaded again, the generation has everything that the store has. */
  async #makeCurrent(generation: number): Promise<void> {
    await this.#parts.drain();
    await refreshGeneration(this.#parts.of, generation);
  }

  async #expectVerified(generation: number): Promise<void> {
    const verification = await verifyGeneration(await this.#comparing(), generation);
    if (agrees(verification)) return;
    await this.abandon();
    throw new Unverified(verification);
  }

  async #comparing(): Promise<VerifyParts> {
    const { of, store, emission, deadLetters } = this.#parts;
    return { of, store, emission, dead: await deadDocuments(deadLetters, of) };
  }

  async #serve(generation: number): Promise<void> {
    await this.#parts.owned();
    await this.served.change(generation);
    this.#parts.onServing();
    this.#retired = this.#parts.clock.now();
  }

  async #newBuild(generation: number, create: () => Promise<void>): Promise<Build> {
    const { store, emission, commits, target, writing, clock, fault } = this.#parts;
    return new Build(generation, await this.#plan.planned(), {
      ...{ store, emission, commits, clock, fault, create, plan: this.#plan, ledger: this.#ledger },
      target: (commit) => target(generation, commit),
      writing: writing(generation),
    });
  }

  /** Whatever is left of an earlier attempt goes. */
  async #create(generation: number): Promise<void> {
    await this.#dropUnused(await listGenerations(this.#parts.of), generation + 1, generation);
    await createGeneration(this.#parts.of, generation);
  }

  async #dropUnused(found: readonly Generation[], before: number, anyway?: number): Promise<void> {
    for (const generation of found) {
      const { number, serves } = generation;
      const isUnused = !serves && number < before && (number === anyway || !this.#attached.has(number));
      if (isUnused && !(await this.#numbers.isLater(number))) await dropGeneration(this.#parts.of, generation);
    }
  }

  #isWhole(found: readonly Generation[], number: number): boolean {
    const one = found.find((generation) => generation.number === number);
    return one !== undefined && isWhole(this.#parts.of, one);
  }
}
