import type { Logger } from '../runtime/logger.ts';
import type { ShardCheckpointer } from './checkpointer.ts';
import { shardEnd } from './checkpoints.ts';
import type { ShardStatus } from './consumer.ts';
import { processorVerdict, readVerdict, streamFault, streamUnavailable } from './faults.ts';
import type { ConsumerLimits } from './limits.ts';
import { type Failure, type Persistence, persist } from './persist.ts';
import type { RecordProcessor, StreamRecord } from './processor.ts';
import { ShardCalls } from './shard-calls.ts';
import type { ShardRead } from './shard-pages.ts';
import type { ShardReader } from './shard-reader.ts';
import type { StreamIdentity } from './source.ts';

/** What all shard workers of a consumer share. */
export interface WorkerContext extends Persistence {
  readonly stream: StreamIdentity;
  readonly limits: ConsumerLimits;
  readonly logger: Logger;
  /** aborted when the consumer stops */
  readonly signal: AbortSignal;
  /** Look soon which shards there are. */
  rediscover(): void;
}

/** What one shard worker has of its own. */
export interface WorkerParts {
  readonly shardId: string;
  readonly processor: RecordProcessor;
  readonly reader: ShardReader;
  readonly checkpointer: ShardCheckpointer;
}

/** Takes one record processor through its life: one call at a time, in the order of the shard. */
export class ShardWorker {
  readonly #context: WorkerContext;
  readonly #parts: WorkerParts;
  readonly #abort = new AbortController();
  readonly #signal: AbortSignal;
  readonly #calls: ShardCalls;
  #initialized = false;
  #lost = false;

  constructor(context: WorkerContext, parts: WorkerParts) {
    this.#context = context;
    this.#parts = parts;
    this.#signal = AbortSignal.any([context.signal, this.#abort.signal]);
    this.#calls = new ShardCalls({ ...context, stream: context.stream.name }, parts.shardId, parts.checkpointer);
  }

  get status(): ShardStatus {
    return this.#calls.status;
  }

  /** The shard isn't ours any more: end without writing anything. */
  lose(): void {
    this.#lost = true;
    void this.#parts.checkpointer.lose();
    this.#abort.abort(new Error('The shard was lost.'));
  }

  /**
   * @returns when the shard has ended, was lost, or the consumer stops
   * @throws what made the processor fail for good
   */
  async run(): Promise<void> {
    try {
      await this.#initialize();
      await this.#consume();
      await this.#end();
      this.#calls.settle('ended');
    } catch (error) {
      await this.#leave(error);
    } finally {
      this.#parts.reader.close();
    }
  }

  async #initialize(): Promise<void> {
    const { processor, shardId, checkpointer } = this.#parts;
    await this.#calls.call(() => processor.initialize({ shardId, checkpoint: checkpointer.saved }), this.#signal);
    this.#initialized = true;
  }

  async #consume(): Promise<void> {
    const { reader, checkpointer } = this.#parts;
    const { limits, clock } = this.#context;
    while (!reader.ended) {
      const full = checkpointer.pending >= limits.maxPending;
      const { records } = full ? { records: [] } : await this.#read();
      checkpointer.handedOver(records);
      await this.#handOver(records);
      if (full) await clock.sleep(limits.idleMillis, this.#signal);
    }
  }

  /** Reads on; while that takes long, keeps calling the processor. */
  async #read(): Promise<ShardRead> {
    const { reader } = this.#parts;
    const reading = persist(() => reader.read(this.#signal), this.#context, {
      verdict: readVerdict,
      onFailure: (failure) => this.#unreadable(failure),
      signal: this.#signal,
    }).catch((error) => this.#unreadableForGood(error));
    try {
      for (;;) {
        const read = await this.#orIdle(reading);
        if (read !== null) return this.#wasRead(read);
        await this.#handOver([]);
      }
    } finally {
      // Where the processor failed meanwhile, its error is the one that counts.
      reading.catch(() => {});
    }
  }

  /** @returns null when reading takes longer than a processor may be left alone */
  async #orIdle(reading: Promise<ShardRead>): Promise<ShardRead | null> {
    const { clock, limits } = this.#context;
    const awake = new AbortController();
    const idle = clock.sleep(limits.idleMillis, awake.signal).then(
      () => null,
      () => null,
    );
    try {
      return await Promise.race([reading, idle]);
    } finally {
      awake.abort();
    }
  }

  #wasRead(read: ShardRead): ShardRead {
    this.#calls.wasRead(read.millisBehindLatest, read.readUntil);
    return read;
  }

  #unreadable(failure: Failure): void {
    this.#calls.trouble('unreachable', failure);
    if (streamFault(failure.error) === 'missing') this.#context.rediscover();
  }

  #unreadableForGood(error: unknown): never {
    if (this.#signal.aborted) throw error;
    throw streamUnavailable(this.#context.stream.name, `reading shard ${this.#parts.shardId}`, error);
  }

  async #handOver(records: readonly StreamRecord[]): Promise<void> {
    const { processor, checkpointer } = this.#parts;
    const { millisBehindLatest } = this.#calls;
    await this.#calls.call(() => processor.processRecords({ records, checkpointer, millisBehindLatest }), this.#signal);
  }

  async #end(): Promise<void> {
    const { processor, checkpointer, shardId } = this.#parts;
    checkpointer.endReached();
    const end = async () => {
      await processor.shardEnded({ checkpointer });
      if (checkpointer.saved !== shardEnd) throw new Error(`The processor of ${shardId} didn't checkpoint its end.`);
    };
    await this.#calls.call(end, this.#signal);
  }

  async #leave(error: unknown): Promise<void> {
    if (this.#lost) return this.#drop('lost');
    if (error === this.#signal.reason) return this.#shutDown();
    await this.#drop('failed');
    this.#calls.failed(error);
    throw error;
  }

  async #shutDown(): Promise<void> {
    const { processor, checkpointer } = this.#parts;
    try {
      if (this.#initialized) await processor.shutdownRequested({ checkpointer });
    } catch (error) {
      if (processorVerdict(error) === 'fatal' && !this.#lost) throw error;
      // Nothing is lost: what wasn't checkpointed is handed over again at the next start.
      this.#warn(error, 'processor did not flush at shutdown');
    } finally {
      await checkpointer.lose();
    }
    this.#calls.settle('stopped');
  }

  async #drop(state: 'lost' | 'failed'): Promise<void> {
    await this.#parts.checkpointer.lose();
    this.#calls.settle(state);
    try {
      if (this.#initialized) await this.#parts.processor.leaseLost();
    } catch (error) {
      this.#warn(error, 'processor did not drop its work');
    }
  }

  #warn(err: unknown, message: string): void {
    this.#context.logger.warn({ stream: this.#context.stream.name, shard: this.#parts.shardId, err }, message);
  }
}
