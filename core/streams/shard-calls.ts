import type { Logger } from '../runtime/logger.ts';
import type { ShardCheckpointer } from './checkpointer.ts';
import type { Problem, ShardState, ShardStatus } from './consumer.ts';
import { processorVerdict } from './faults.ts';
import { type Failure, type Persistence, persist } from './persist.ts';
import { problemOf } from './problem.ts';

/** How a shard's processor is called, whichever driver does it. */
export interface CallContext extends Persistence {
  /** name of the stream */
  readonly stream: string;
  readonly logger: Logger;
}

/** Calls the processor of a shard, again where it can't go on now, and knows how the shard is. */
export class ShardCalls {
  readonly #context: CallContext;
  readonly #shardId: string;
  readonly #checkpointer: ShardCheckpointer;
  #state: ShardState = 'running';
  #problem: Problem | null = null;
  #millisBehindLatest: number | null = null;
  /** all that arrived before it was read */
  #readUntil: number | null = null;

  constructor(context: CallContext, shardId: string, checkpointer: ShardCheckpointer) {
    this.#context = context;
    this.#shardId = shardId;
    this.#checkpointer = checkpointer;
  }

  get status(): ShardStatus {
    const { saved, oldest, pending } = this.#checkpointer;
    return {
      shardId: this.#shardId,
      state: this.#state,
      checkpoint: saved,
      millisBehindLatest: this.#millisBehindLatest,
      readUntil: this.#readUntil,
      completeUntil: this.#readUntil && Math.min(this.#readUntil, oldest ?? this.#readUntil),
      pending,
      problem: this.#problem,
    };
  }

  get millisBehindLatest(): number {
    return this.#millisBehindLatest ?? 0;
  }

  /** @param readUntil all that arrived before it was read, in milliseconds since the epoch */
  wasRead(millisBehindLatest: number, readUntil: number): void {
    this.#millisBehindLatest = millisBehindLatest;
    this.#readUntil = readUntil;
    if (this.#state === 'unreachable') this.settle('running');
  }

  /** @throws what the processor throws for good; the signal's reason */
  async call(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    await persist(work, this.#context, {
      verdict: processorVerdict,
      onFailure: (failure) => this.trouble('paused', failure),
      signal,
    });
    if (this.#state === 'paused') this.settle('running');
  }

  trouble(state: 'paused' | 'unreachable', failure: Failure): void {
    this.#state = state;
    this.#problem = problemOf(failure);
    const about = { stream: this.#context.stream, shard: this.#shardId, err: failure.error };
    this.#context.logger.warn({ ...about, attempts: failure.attempts }, `shard ${state}, trying again`);
  }

  settle(state: ShardState): void {
    this.#state = state;
    this.#problem = null;
  }

  failed(error: unknown): void {
    this.#state = 'failed';
    this.#problem = problemOf({ error, attempts: 1, since: this.#context.clock.now() });
  }
}
