import { LazuliError } from '../config/errors.ts';
import { systemClock } from '../runtime/clock.ts';
import { type Logger, noLogger } from '../runtime/logger.ts';
import { ShardCheckpointer } from './checkpointer.ts';
import { shardEnd } from './checkpoints.ts';
import type { Consumer, ConsumerOptions, ConsumerStatus, Problem, ShardStatus } from './consumer.ts';
import { readVerdict, streamUnavailable } from './faults.ts';
import { type ConsumerLimits, defaultLimits } from './limits.ts';
import { checkName } from './names.ts';
import { type Failure, type Persistence, persist } from './persist.ts';
import { problemOf } from './problem.ts';
import { Reading } from './reading.ts';
import { ShardWorker } from './shard-worker.ts';
import { readyShards } from './shards.ts';
import type { Shard, StreamIdentity } from './source.ts';

/**
 * Reads a stream in this process: one record processor per shard, children after their parents, each
 * from its checkpoint on. No other process may read with the same checkpoints.
 *
 * @throws LazuliError `configuration_invalid` for a name that no stream can have
 */
export function startConsumer(options: ConsumerOptions): Consumer {
  checkName('stream', options.stream);
  return new StreamConsumer(options);
}

class StreamConsumer implements Consumer, Persistence {
  readonly done: Promise<void>;
  readonly clock;
  readonly random;
  readonly backoff;
  readonly maxAttempts;
  readonly #options: ConsumerOptions;
  readonly #limits: ConsumerLimits;
  readonly #logger: Logger;
  readonly #reading: Reading;
  readonly #stop = new AbortController();
  #awake = new AbortController();
  #stream: StreamIdentity | null = null;
  #problem: Problem | null = null;
  #failure: { readonly error: unknown } | null = null;
  #shards: readonly Shard[] = [];
  readonly #ended = new Set<string>();
  readonly #workers = new Map<string, ShardWorker>();
  readonly #running = new Map<string, Promise<void>>();

  constructor(options: ConsumerOptions) {
    this.#options = options;
    this.#limits = { ...defaultLimits, ...options };
    this.#logger = options.logger ?? noLogger;
    this.#reading = options.reading ?? new Reading(options);
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.backoff = this.#limits.backoff;
    this.maxAttempts = this.#limits.maxAttempts;
    this.done = this.#run();
    // Whoever needs the error awaits `done`; until then it is no unhandled rejection.
    this.done.catch(() => {});
  }

  stop(): Promise<void> {
    this.#stop.abort(new Error('The consumer was stopped.'));
    return this.done;
  }

  status(): ConsumerStatus {
    const shards = this.#shards.map(({ shardId }) => this.#workers.get(shardId)?.status ?? this.#unread(shardId));
    return { stream: this.#options.stream, problem: this.#problem, shards };
  }

  #unread(shardId: string): ShardStatus {
    const ended = this.#ended.has(shardId);
    const unread = { readUntil: null, completeUntil: null, pending: 0, problem: null };
    const rest = { millisBehindLatest: ended ? 0 : null, ...unread };
    return { shardId, state: ended ? 'ended' : 'waiting', checkpoint: ended ? shardEnd : null, ...rest };
  }

  async #run(): Promise<void> {
    try {
      while (!this.#stop.signal.aborted) {
        await this.#discover();
        await this.#rest();
      }
    } catch (error) {
      if (error !== this.#stop.signal.reason) this.#fail(error);
    }
    await this.#finish();
    if (this.#failure !== null) throw this.#failure.error;
  }

  async #discover(): Promise<void> {
    const { signal } = this.#stop;
    await persist(() => this.#refresh(signal), this, {
      verdict: readVerdict,
      onFailure: (failure) => this.#troubled(failure),
      signal,
    }).catch((error) => {
      if (signal.aborted) throw error;
      throw streamUnavailable(this.#options.stream, 'listing its shards', error);
    });
    this.#problem = null;
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    const found = await this.#reading.source.identify(signal);
    if (found === null) throw missing(this.#options.stream);
    if (found.created !== this.#stream?.created) await this.#adopt(found);
    this.#shards = await this.#reading.source.shards(signal);
    await this.#loseUnlisted();
    await this.#noteEnded(found);
    const ready = readyShards(this.#shards, this.#ended, this.#workers);
    for (const shardId of ready) await this.#start(found, shardId);
  }

  /** Another stream of that name: what is known of the old one means nothing any more. */
  async #adopt(found: StreamIdentity): Promise<void> {
    if (this.#stream !== null) this.#logger.warn({ stream: found.name }, 'the stream was created again');
    await this.#lose([...this.#workers.keys()]);
    this.#ended.clear();
    this.#stream = found;
  }

  /** Shards that outlived their retention. */
  async #loseUnlisted(): Promise<void> {
    const listed = new Set(this.#shards.map(({ shardId }) => shardId));
    await this.#lose([...this.#workers.keys()].filter((shardId) => !listed.has(shardId)));
  }

  async #lose(shardIds: readonly string[]): Promise<void> {
    for (const shardId of shardIds) this.#workers.get(shardId)?.lose();
    await Promise.all(shardIds.map((shardId) => this.#running.get(shardId)));
    for (const shardId of shardIds) this.#forget(shardId);
  }

  #forget(shardId: string): void {
    this.#workers.delete(shardId);
    this.#running.delete(shardId);
  }

  async #noteEnded(stream: StreamIdentity): Promise<void> {
    const unread = this.#shards.filter(({ shardId }) => !this.#ended.has(shardId) && !this.#workers.has(shardId));
    for (const { shardId } of unread) {
      const checkpoint = await this.#options.checkpoints.get(stream, shardId);
      if (checkpoint === shardEnd) this.#ended.add(shardId);
    }
  }

  async #start(stream: StreamIdentity, shardId: string): Promise<void> {
    const { checkpoints, factory, since } = this.#options;
    const saved = await checkpoints.get(stream, shardId);
    const worker = new ShardWorker(this.#context(stream), {
      shardId,
      processor: factory(shardId),
      reader: this.#reading.shard(stream, shardId, saved),
      checkpointer: new ShardCheckpointer(checkpoints, stream, shardId, saved, since),
    });
    this.#workers.set(shardId, worker);
    const running = worker.run().then(
      () => this.#ran(shardId, worker),
      (error) => this.#fail(error),
    );
    this.#running.set(shardId, running);
    this.#logger.info({ stream: stream.name, shard: shardId, checkpoint: saved }, 'reading shard');
  }

  #context(stream: StreamIdentity) {
    const { clock, random, backoff, maxAttempts } = this;
    const rediscover = () => this.#awake.abort();
    const { signal } = this.#stop;
    return {
      limits: this.#limits,
      clock,
      random,
      backoff,
      maxAttempts,
      stream,
      logger: this.#logger,
      signal,
      rediscover,
    };
  }

  #ran(shardId: string, worker: ShardWorker): void {
    if (worker.status.state !== 'ended') return;
    this.#ended.add(shardId);
    this.#forget(shardId);
    this.#awake.abort();
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#logger.error({ stream: this.#options.stream, err: error }, 'consumer failed');
    this.#stop.abort(new Error('The consumer failed.'));
  }

  #troubled(failure: Failure): void {
    this.#problem = problemOf(failure);
    this.#logger.warn({ stream: this.#options.stream, err: failure.error }, 'shards not discovered, trying again');
  }

  /** Until the next look for shards, or until one has ended. */
  async #rest(): Promise<void> {
    const { pollMillis, discoveryMillis } = this.#limits;
    const awake = AbortSignal.any([this.#stop.signal, this.#awake.signal]);
    const millis = this.#shards.length === 0 ? Math.min(pollMillis, discoveryMillis) : discoveryMillis;
    await this.clock.sleep(millis, awake).catch((error) => {
      if (!awake.aborted) throw error;
    });
    this.#awake = new AbortController();
  }

  async #finish(): Promise<void> {
    const late = new AbortController();
    const finished = Promise.all(this.#running.values()).then(() => late.abort());
    const tooLong = this.clock.sleep(this.#limits.stopMillis, late.signal).then(
      () => this.#abandon(),
      () => {},
    );
    await Promise.race([finished, tooLong]);
  }

  /** What processors still do must not be checkpointed behind the back of whoever reads next. */
  #abandon(): void {
    for (const worker of this.#workers.values()) worker.lose();
    const message = `Processors of '${this.#options.stream}' didn't finish within ${this.#limits.stopMillis} ms.`;
    this.#failure ??= { error: new LazuliError('unavailable', message, { remedy: 'End the process.' }) };
  }
}

function missing(stream: string): LazuliError {
  return new LazuliError('stream_unavailable', `There is no stream '${stream}'.`, {
    remedy: 'Create it; reading starts by itself then.',
  });
}
