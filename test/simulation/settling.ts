import { basename } from 'node:path';
import { haltable } from '../../core/runs/halts.ts';
import { manifestPrefix, manifestSchema } from '../../core/staged/layout.ts';
import type { StoredDeadLetters } from '../../core/storage/dead-letters.ts';
import type { ConsumerStatus } from '../../core/streams/consumer.ts';
import { compareSequence } from '../../core/streams/sequence.ts';
import { census } from '../../transform/owner/census.ts';
import { storedBatches } from '../../transform/store/batches.ts';
import { report } from '../rigs/difference.ts';
import { expectPublished } from './published.ts';
import { documentsOf, entityTypes, servingGeneration } from './serving.ts';
import type { Site } from './site.ts';
import type { Truth } from './truth.ts';
import { catalog, reconcileMillis, streams } from './workers.ts';

/** Looks at whether all is done, a few seconds apart and then a minute. */
const looks = 30;
const quickLooks = 6;
const quickMillis = 3_000;

/** Lets everything come to rest, and looks whether it is as it must be. */
export class Settling {
  readonly #site: Site;
  readonly #truth: Truth;
  readonly #letters: StoredDeadLetters;
  readonly #redrive: () => Promise<void>;
  /** sources that were removed */
  readonly removed = new Set<string>();
  readonly entityTypes = entityTypes;

  constructor(site: Site, truth: Truth, letters: StoredDeadLetters, redrive: () => Promise<void>) {
    this.#site = site;
    this.#truth = truth;
    this.#letters = letters;
    this.#redrive = redrive;
  }

  /**
   * What is damaged while everything else is well is told of (architecture, invariant 3): a batch that can't be loaded is with
   * the dead letters; of one that is in the store `status` says what is gone. @throws Error where nobody says so
   */
  async expectDamageTold(): Promise<void> {
    const { objects, time } = this.#site.around;
    if (objects.damaged.size === 0) return;
    for (const stage of haltable) await this.#site.halts.resume(stage);
    this.#site.release();
    await this.#site.endReplaced();
    let untold: readonly string[] = [];
    for (let look = 0; look < looks; look++) {
      await this.#site.revive();
      this.#site.calm(false);
      await time.pass(reconcileMillis);
      untold = await this.#untold();
      if (untold.length === 0) return;
    }
    throw new Error(`Nobody says that this is damaged: ${untold.join(', ')}; ${this.#state}`);
  }

  async #untold(): Promise<readonly string[]> {
    const { transform, around } = this.#site;
    if (transform === null || !transform.life.alive) return ['all of it, as transform has ended'];
    const { letters } = await this.#letters.list({ kind: 'batch', limit: 1000 });
    const given = new Set(letters.map(({ payload }) => (payload as { batch: string }).batch));
    const { live } = await transform.staged.standings();
    const stored = await storedBatches(transform.store);
    const { facts } = transform.owner.progress;
    const isGoneTold = (facts?.staged?.files.number ?? 0) > 0;
    return [...around.objects.damaged].flatMap(([key, how]) => {
      const batch = basename(key).replace(/\.(json|parquet)$/, '');
      if (!live.includes(batch) || given.has(batch)) return [];
      return stored.has(batch) && (how !== 'gone' || isGoneTold) ? [] : [`${key} (${how})`];
    });
  }

  /** Whether a batch that was given up counts no more, or is in the store. */
  async isMended(batch: string): Promise<boolean> {
    const { transform, around, complaints } = this.#site;
    if (around.objects.damages === 0) complaints.push(`a batch was given up: ${batch}`);
    if (transform === null) return false;
    const { live } = await transform.staged.standings();
    return !live.includes(batch) || (await storedBatches(transform.store)).has(batch);
  }

  /** Faults and pauses end, who died starts again, and everybody does what is left to do. @throws Error where it takes too long */
  async settle(): Promise<void> {
    const { time } = this.#site.around;
    this.#site.calm();
    this.#site.release();
    for (const stage of haltable) await this.#site.halts.resume(stage);
    await time.pass(quickMillis);
    await this.#site.endReplaced();
    let why: string | null = 'nobody has looked';
    for (let look = 0; look < looks && why !== null; look++) {
      await this.#site.revive();
      this.#site.calm();
      await time.pass(look < quickLooks ? quickMillis : reconcileMillis);
      await this.#expectSoundLetters();
      why = await this.#unfinished();
    }
    if (why !== null) throw new Error(`It doesn't come to rest: ${why}; ${this.#state}`);
  }

  /** For whoever finds out why something isn't done. */
  get #state(): string {
    const { transform, noStart, complaints } = this.#site;
    return JSON.stringify({ transform: transform?.owner.progress, noStart, complaints });
  }

  /** @throws Error where documents, generations or what is staged aren't what they must be */
  async expectTrue(): Promise<void> {
    const { complaints, around, transform } = this.#site;
    const all = [...complaints, ...around.search.complaints];
    if (all.length > 0) throw new Error(report(all));
    const { kept, generation: said } = transform?.owner.progress ?? { kept: [], generation: null };
    const serving = await servingGeneration(this.#site);
    if (said !== serving) throw new Error(`Generation ${serving} serves, and transform says ${said}`);
    for (const generation of [undefined, ...kept]) {
      const problems = this.#truth.differences(await documentsOf(this.#site, generation));
      if (problems.length === 0) continue;
      throw new Error(
        `What ${generation === undefined ? 'serves' : `is kept as ${generation}`} is wrong:\n${report(problems)}`,
      );
    }
    await this.#expectPublished();
    await this.#expectRemoved();
  }

  /** Snapshots follow what is written within a minute. */
  async #expectPublished(): Promise<void> {
    for (let look = 1; ; look++) {
      try {
        return await expectPublished(this.#site);
      } catch (error) {
        if (look > quickLooks) throw error;
        await this.#site.around.time.pass(look < quickLooks ? quickMillis : reconcileMillis);
      }
    }
  }

  /** Waits until everything is staged that was told so far; what makes ingest fail ends. */
  async ingested(): Promise<void> {
    this.#site.calm();
    await this.#site.halts.resume('ingest');
    await this.persist(async () => this.#behind('ingest'));
  }

  /** Lets time pass until nothing is left to do. @throws Error where it takes too long */
  async persist(attempt: () => Promise<string | null>): Promise<void> {
    let why: string | null = null;
    for (let look = 0; look < looks; look++) {
      await this.#site.revive();
      why = await attempt();
      if (why === null) return;
      this.#site.calm();
      if (look > quickLooks) this.#site.release();
      await this.#site.around.time.pass(quickMillis);
    }
    throw new Error(`It can not be done: ${why}; ${this.#state}`);
  }

  /** Whether something ends well within a minute. */
  async succeeds(work: Promise<unknown>): Promise<boolean> {
    const well = work.then(
      () => true,
      () => false,
    );
    return (await this.#site.around.time.until(well, quickMillis)) && well;
  }

  /** @returns what is left to do; null where nothing is */
  async #unfinished(): Promise<string | null> {
    const { transform } = this.#site;
    if (transform === null || !transform.life.alive) return 'transform has ended';
    // Before the rest: where nothing serves that is current, checkpoints wait for the yes.
    const unended = (await this.#unconfirmed()) ?? this.#behind('ingest') ?? this.#behind('transform');
    if (unended !== null) return unended;
    const { state, pause, kept, generation } = transform.owner.progress;
    const { outbox, batches } = await census(transform.store, transform.staged);
    if (state !== 'idle' || outbox > 0 || batches.staged > batches.stored)
      return JSON.stringify({ state, pause, outbox, batches, kept, generation });
    return this.#lettersLeft();
  }

  /** Only what was removed can have vanished without a record; then the operator says yes. @returns why a run hasn't ended well */
  async #unconfirmed(): Promise<string | null> {
    const [latest] = (await this.#site.transform?.owner.runs()) ?? [];
    if (latest === undefined || ['succeeded', 'cancelled', 'running'].includes(latest.state)) return null;
    // It says what it lacked when it ended; that has come since.
    if (latest.state === 'failed' && this.#site.around.objects.damages > 0) return null;
    if (latest.state !== 'unconfirmed') return `run ${latest.id} is ${latest.state}: ${latest.failure}`;
    if (this.removed.size === 0 && this.#site.around.objects.damages === 0)
      this.#site.complaints.push(`${latest.failure}, and nothing was removed`);
    const resumed = this.#site.transform?.owner.resumeRun(latest.id, true);
    if (resumed !== undefined) await this.succeeds(resumed);
    return 'a run waits for a yes';
  }

  async #lettersLeft(): Promise<string | null> {
    const { letters } = await this.#letters.list({ limit: 1000 });
    if (letters.length === 0) return null;
    await this.#redrive();
    return `${letters.length} dead letters`;
  }

  /** What can be waited for is no dead letter. */
  async #expectSoundLetters(): Promise<void> {
    const { search, repository } = this.#site.around;
    const injected: Readonly<Record<string, number>> = {
      batch_damaged: this.#site.around.objects.damages,
      bundle_missing: repository.missing,
      document_rejected: search.rejections,
    };
    for (const { reason, message } of (await this.#letters.list({ limit: 1000 })).letters)
      if ((injected[reason] ?? 0) === 0) this.#site.complaints.push(`a dead letter: ${reason}, ${message}`);
  }

  #behind(role: 'ingest' | 'transform'): string | null {
    const worker = this.#site[role];
    if (worker === null || !worker.life.alive) return `${role} has ended`;
    const stream = role === 'ingest' ? streams.notifications : streams.batches;
    const { shards }: ConsumerStatus = worker.consumer.status();
    for (const [shardId, last] of this.#site.around.kinesis.last(stream)) {
      const { checkpoint = null, problem = null } = shards.find((shard) => shard.shardId === shardId) ?? {};
      if (last !== null && (checkpoint === null || compareSequence(checkpoint, last) < 0))
        return `${stream} ${shardId} is at ${checkpoint}, not at ${last}: ${problem?.message ?? 'no problem'}`;
    }
    return null;
  }

  /** Of sources that were removed and not told of again nothing is left, once nobody may be reading it any more. */
  async #expectRemoved(): Promise<void> {
    const gone = [...this.removed].filter((source) => !this.#truth.has(source));
    this.removed.clear();
    if (gone.length === 0) return;
    const { time, objects } = this.#site.around;
    await time.pass(3 * reconcileMillis);
    for (const key of objects.keys(manifestPrefix(catalog))) {
      const { bundles } = manifestSchema.parse(JSON.parse(objects.text(key)));
      const left = bundles.find(({ source }) => gone.includes(source.id));
      if (left !== undefined) throw new Error(`${key} still has ${JSON.stringify(left)}, which was removed`);
    }
  }
}
