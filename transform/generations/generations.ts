import { LazuliError } from '../../core/config/errors.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { expectOwned } from '../catalog/epochs.ts';
import { Attached } from './attached.ts';
import { GenerationGone, needed, noGeneration } from './failures.ts';
import { createGeneration, dropGeneration, type Generation, indexOf, isWhole, listGenerations } from './indices.ts';
import { Ledger } from './ledger.ts';
import { GenerationNumbers } from './numbers.ts';
import { BuildPlan } from './plan.ts';
import { Served } from './served.ts';
import { keepReplicas } from './spread.ts';

/** Longer than any request to the service takes. */
const retirementMillis = 60_000;

/**
 * Who wrote last to the generations that a store knows: that store; or one of which it is a copy, so that it knows no
 * more of them than that the one that serves was whole; or another one.
 */
export type LastWriter = 'this' | 'copied' | 'another';

/** What is to be built when a catalog is taken over: one that was begun already, or another one; null: nothing. */
export type ToBuild = { readonly begun: number } | 'another' | null;

/** A generation with which another one is compared. */
export interface Former {
  readonly generation: number;
  /** whether the ledger knows what it holds; else its indices are read */
  readonly current: boolean;
}

/**
 * Which generations of a catalog there are, and what each must hold. Those that are *attached* hold all documents of the
 * store as they are, but for what waits to be written: the one that serves, former ones that are kept to go back to, and,
 * once it is whole, the one that is built. Everything that loads touch is written to all of them, also while one is
 * built: so that one needs no catching up at its end beyond what waits at that moment (architecture, invariants 14 to 16).
 */
export class Generations {
  readonly #context: CatalogContext;
  readonly #ledger: Ledger;
  readonly #attached: Attached;
  readonly #numbers: GenerationNumbers;
  readonly plan: BuildPlan;
  readonly served: Served;
  /** entity types whose index is gone, of the one that serves */
  #absent: readonly string[] = [];
  /** notes of the ledger up to this commit say nothing of what is in the index */
  #unsure = Number.MAX_SAFE_INTEGER;
  /** when a generation ceased to serve, milliseconds since the epoch; null once it is dropped or kept */
  #retired: number | null = null;

  constructor(context: CatalogContext) {
    this.#context = context;
    this.plan = new BuildPlan(context.store, context.limits.bucketLinks);
    this.served = new Served(context);
    this.#ledger = new Ledger(context.store);
    this.#attached = new Attached(context.store, this.#ledger, context.plugin);
    this.#numbers = new GenerationNumbers(context.records, context.catalog, context.epoch);
  }

  /** those to which everything is written that loads touch */
  get attached(): readonly number[] {
    return this.#attached.all;
  }

  /** former ones that are current, to go back to; the last one first */
  get kept(): readonly number[] {
    return this.#attached.built.filter((number) => number !== this.served.number);
  }

  /** Whether the generation that serves has everything that was written. */
  get serves(): boolean {
    return this.served.number !== null && this.isBuilt(this.served.number);
  }

  /** The one that serves, as one to compare with; null where none does. */
  get former(): Former | null {
    return this.served.number === null ? null : { generation: this.served.number, current: this.serves };
  }

  /** Entity types whose index is gone, of the one that serves: as of the last look. */
  get absent(): readonly string[] {
    return this.#absent;
  }

  isBuilt(generation: number): boolean {
    return this.#attached.isBuilt(generation);
  }

  get #beingBuilt(): number | null {
    return this.attached.find((number) => !this.isBuilt(number)) ?? null;
  }

  /**
   * Finds out which generations are this store's. One that another store wrote, that was laid out in another way or
   * has lost an index can't be kept current: if it is the one that serves, a fresh one is to be built.
   * Of those that a copied store knows, others may have been dropped and made anew since: only the one that serves is whole.
   */
  async take(writer: LastWriter): Promise<ToBuild> {
    if (writer === 'another') {
      await this.#context.store.transaction(async () => {
        await this.#attached.removeAll();
        await this.plan.drop();
      });
    }
    const found = await this.served.look();
    const serving = this.served.number;
    const isSame = (number: number, built: boolean) => writer === 'this' || (built && number === serving);
    const isUsable = (number: number, built: boolean) => isSame(number, built) && this.#isWhole(found, number);
    const unfinished = await this.#attached.read(isUsable);
    // Its worker ended right after letting it serve.
    if (serving !== null && this.#attached.has(serving)) await this.#attached.finish(serving);
    const isLost = unfinished !== null && !this.#attached.has(unfinished);
    if (unfinished !== null && !isLost && unfinished !== serving) return { begun: unfinished };
    return isLost || !this.serves ? 'another' : null;
  }

  /**
   * Adds one that is to be built of everything: it is planned, and has no indices yet.
   *
   * @param note what else is noted of it, in the same transaction
   * @returns its number
   */
  async add(note: (generation: number) => Promise<void>): Promise<number> {
    const { store } = this.#context;
    await expectOwned(this.#context);
    const found = await listGenerations(this.#context);
    for (const number of this.attached) if (!this.#isWhole(found, number)) await this.#attached.remove(number);
    const number = await this.#numbers.take(found);
    await store.expect('much');
    await store.transaction(async () => {
      await this.#ledger.compact();
      await this.plan.make();
      await this.#attached.add(number);
      await note(number);
      // What waits is part of the plan, and nobody else waits for it.
      if (this.attached.length === 1) await store.run('DELETE FROM outbox');
    });
    return number;
  }

  /** Makes the indices of one that was added. Whatever is left of an earlier attempt goes. */
  async create(generation: number): Promise<void> {
    await this.#dropUnused(await listGenerations(this.#context), generation + 1, generation);
    await createGeneration(this.#context, generation);
  }

  /** In the place of the one that serves. It must have everything that was written. */
  async serve(generation: number): Promise<void> {
    await expectOwned(this.#context);
    await this.served.change(generation);
    this.#absent = [];
    this.#retired = this.#context.clock.now();
  }

  /** One that was being built serves. Of former ones so many are kept as the limits say. */
  async finish(generation: number): Promise<void> {
    const { store, limits } = this.#context;
    await store.transaction(async () => {
      await this.#attached.finish(generation);
      await this.plan.drop();
    });
    for (const number of this.kept.slice(limits.keptGenerations)) await this.#attached.remove(number);
  }

  /** Gives up one that is being built; its indices go at the next occasion. */
  async giveUp(generation: number): Promise<void> {
    await this.#context.store.transaction(async () => {
      await this.#attached.remove(generation);
      await this.plan.drop();
    });
    this.#retired ??= this.#context.clock.now();
  }

  /** One has lost an index. */
  async noteGone({ generation }: GenerationGone): Promise<void> {
    const { logger, catalog } = this.#context;
    logger.warn({ catalog, generation }, 'a generation has lost an index');
    await this.#attached.remove(generation);
  }

  /**
   * Deletes a generation that doesn't serve.
   *
   * @throws LazuliError `not_found`, `conflict` where it serves or is being built
   */
  async drop(generation: number): Promise<void> {
    const found = (await listGenerations(this.#context)).find(({ number }) => number === generation);
    if (found === undefined) throw noGeneration(this.#context.catalog, generation);
    if (found.serves || this.#beingBuilt === generation) throw needed(generation, found.serves);
    await this.#attached.remove(generation);
    await dropGeneration(this.#context, found);
  }

  /** @throws GenerationGone where a generation has lost an index that it needs not lose; LazuliError `superseded` */
  async expectPresent(generation: number): Promise<void> {
    await expectOwned(this.#context);
    if (generation === this.served.number && this.#beingBuilt === null) return;
    if (!this.#isWhole(await listGenerations(this.#context), generation)) throw new GenerationGone(generation);
  }

  /**
   * What was computed up to a commit may not be in the index as it was: another worker wrote it, or may have written since;
   * its writing has failed; or somebody wants it written once more. When it is touched it is written, whatever it is.
   */
  distrust(commit: number): void {
    this.#unsure = commit;
  }

  /**
   * What is in the temporary table `computed` will be written to some generations; in the caller's transaction, if any.
   * What all of them have already, because this worker has written just that, is taken out.
   */
  async noteComputed(generations: readonly number[], commit: number): Promise<void> {
    // Of one that is being built nobody knows yet what has arrived.
    if (generations.length > 0 && generations.every((number) => this.isBuilt(number)))
      await this.#ledger.leaveOutHeld(generations, this.#unsure);
    await this.#ledger.note(generations, commit);
  }

  /**
   * A builder has written documents of a bucket, as of a commit; in the transaction that marks it. Noted are those that are
   * left in the plan: others were touched since, and are the owner's.
   *
   * @param documents SQL: entity_type, entity_id, hash
   * @returns how many documents of the bucket it should have written, and has not: then nothing may count
   */
  async noteBuilt(generation: number, bucket: number, commit: number, documents: string): Promise<number> {
    const left = this.plan.left(bucket);
    const lacking = await this.#context.store.number(`SELECT count(*) FROM (${left})
      ANTI JOIN outbox USING (entity_type, entity_id) ANTI JOIN (${documents}) USING (entity_type, entity_id)`);
    const wanted = `SELECT * FROM (${documents}) SEMI JOIN (${left}) USING (entity_type, entity_id)`;
    if (lacking === 0) await this.#ledger.noteOthers(generation, commit, wanted);
    return lacking;
  }

  /** Those in the temporary table `wanted` were written to all that are attached; in the caller's transaction. */
  async noteWritten(): Promise<void> {
    if (this.#beingBuilt !== null) await this.plan.leaveOutWanted();
  }

  /** What is to be done now and then. */
  async tidy(): Promise<void> {
    await this.#ledger.compactLarge();
    await keepReplicas(this.#context);
    await this.#lookForIndices();
    await this.#dropRetired();
  }

  /** While OpenSearch can't be asked, what it said last holds: who writes meets it, too. */
  async #lookForIndices(): Promise<void> {
    const { plugin, logger, catalog } = this.#context;
    const { generation: serving, layout } = this.served.state;
    if (serving === null || layout !== 'current') return;
    try {
      const one = (await listGenerations(this.#context)).find(({ number, serves }) => serves && number === serving);
      const there = new Set(one?.indices);
      this.#absent = Object.keys(plugin.entityTypes).filter(
        (type) => !there.has(indexOf(this.#context, type, serving)),
      );
    } catch (err) {
      if (!(err instanceof LazuliError)) throw err;
      logger.warn({ catalog, err }, 'it can not be told whether all indices are there');
    }
  }

  /** Generations that nobody keeps may go once the requests that read them have ended. */
  async #dropRetired(): Promise<void> {
    const now = this.#context.clock.now();
    if (this.#retired === null) return;
    // Where the clock was set back nobody knows how old requests are: they get the whole time.
    this.#retired = Math.min(this.#retired, now);
    if (now < this.#retired + retirementMillis) return;
    await this.#dropUnused(await listGenerations(this.#context), Math.max(0, ...this.attached));
    this.#retired = null;
  }

  async #dropUnused(found: readonly Generation[], before: number, anyway?: number): Promise<void> {
    for (const generation of found) {
      const { number, serves } = generation;
      const isUnused = !serves && number < before && (number === anyway || !this.#attached.has(number));
      if (isUnused && !(await this.#numbers.isLater(number))) await dropGeneration(this.#context, generation);
    }
  }

  #isWhole(found: readonly Generation[], number: number): boolean {
    const one = found.find((generation) => generation.number === number);
    return one !== undefined && isWhole(this.#context, one);
  }
}
