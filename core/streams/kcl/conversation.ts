import { once } from 'node:events';
import type { Socket } from 'node:net';
import { LazuliError } from '../../config/errors.ts';
import { ShardCheckpointer } from '../checkpointer.ts';
import { shardEnd } from '../checkpoints.ts';
import type { ShardStatus } from '../consumer.ts';
import type { RecordProcessor, RecordProcessorFactory, StreamRecord } from '../processor.ts';
import { type CallContext, ShardCalls } from '../shard-calls.ts';
import { linesOf } from './lines.ts';
import {
  checkpointAsked,
  checkpointErrorOf,
  checkpointOf,
  type Order,
  orderOf,
  recordOf,
  statusOf,
} from './protocol.ts';

/** What all conversations of a consumer share. */
export interface ConversationContext extends CallContext {
  readonly factory: RecordProcessorFactory;
  readonly since?: ((record: StreamRecord) => number) | undefined;
  /** aborted when the consumer stops: what is handed over from then on isn't worked on, nor checkpointed */
  readonly signal: AbortSignal;
}

/** A shard that the daemon has leased, from `initialize` on. */
interface Held {
  readonly processor: RecordProcessor;
  readonly checkpointer: ShardCheckpointer;
  readonly calls: ShardCalls;
}

/** One shard's conversation with the daemon: its orders, and what the processor makes of them. */
export class Conversation {
  readonly #context: ConversationContext;
  readonly #socket: Socket;
  readonly #lines: AsyncGenerator<Buffer, void, void>;
  readonly #gone = new AbortController();
  readonly #signal: AbortSignal;
  #held: Held | null = null;
  #ended = false;

  constructor(context: ConversationContext, socket: Socket) {
    this.#context = context;
    this.#socket = socket;
    this.#lines = linesOf(socket);
    this.#signal = AbortSignal.any([context.signal, this.#gone.signal]);
    socket.once('close', () => this.#gone.abort(new Error('The daemon has left the conversation.')));
    // Whoever writes notices the end; reading ends with the error, too.
    socket.on('error', () => {});
  }

  /** null until the daemon has said which shard it is */
  get status(): ShardStatus | null {
    return this.#held?.calls.status ?? null;
  }

  /**
   * Obeys until the daemon has nothing more to say, or is gone.
   *
   * @returns whether the shard had ended, or was left in an orderly way
   * @throws what made the processor fail for good
   */
  async run(): Promise<boolean> {
    try {
      for (let line = await this.#next(); line !== null; line = await this.#next()) {
        const order = orderOf(line);
        await this.#obey(order);
        await this.#say(statusOf(order));
      }
    } catch (error) {
      if (!this.#gone.signal.aborted) throw await this.#failed(error);
    } finally {
      this.#socket.destroy();
    }
    const isWhole = this.#ended;
    // Without a word more from the daemon the shard is somebody else's.
    if (this.#held !== null) await this.#lose(this.#held);
    return isWhole;
  }

  async #obey(order: Order): Promise<void> {
    if (order.action === 'initialize') return this.#initialize(order.shardId, checkpointOf(order.sequenceNumber));
    const held = this.#held;
    if (held === null) throw new Error(`The daemon orders ${order.action} before initialize`);
    switch (order.action) {
      case 'processRecords': {
        const now = this.#context.clock.now();
        const behind = order.millisBehindLatest ?? 0;
        const records = order.records.map((record) => recordOf(record, now));
        return this.#process(held, records, behind, now - behind);
      }
      case 'leaseLost':
        return this.#lose(held);
      case 'shardEnded':
        return this.#end(held);
      case 'shutdownRequested':
        return this.#shutDown(held);
    }
  }

  async #initialize(shardId: string, checkpoint: string | null): Promise<void> {
    const { factory, since, stream, logger } = this.#context;
    const store = {
      get: async () => checkpoint,
      put: async (_: unknown, __: string, next: string) => this.#checkpoint(next),
    };
    const checkpointer = new ShardCheckpointer(store, { name: stream, created: 0 }, shardId, checkpoint, since);
    const processor = factory(shardId);
    this.#held = { processor, checkpointer, calls: new ShardCalls(this.#context, shardId, checkpointer) };
    await this.#call(this.#held, () => processor.initialize({ shardId, checkpoint }));
    logger.info({ stream, shard: shardId, checkpoint }, 'reading shard');
  }

  async #process(held: Held, records: readonly StreamRecord[], behind: number, until: number) {
    // Never some records after others that were left out.
    if (this.#signal.aborted || this.#ended) return;
    const { processor, checkpointer, calls } = held;
    calls.wasRead(behind, until);
    checkpointer.handedOver(records);
    await this.#call(held, () => processor.processRecords({ records, checkpointer, millisBehindLatest: behind }));
  }

  async #end(held: Held): Promise<void> {
    const { processor, checkpointer, calls } = held;
    checkpointer.endReached();
    await this.#call(held, () => processor.shardEnded({ checkpointer }));
    if (this.#signal.aborted || this.#ended) return;
    if (checkpointer.saved !== shardEnd)
      throw new Error(`The processor of ${calls.status.shardId} didn't checkpoint its end.`);
    this.#ended = true;
    calls.settle('ended');
  }

  /** What can't be flushed now is handed over again to whoever reads the shard next. */
  async #shutDown({ processor, checkpointer, calls }: Held): Promise<void> {
    await processor
      .shutdownRequested({ checkpointer })
      .catch((err: unknown) => this.#warn(err, 'processor did not flush at shutdown'));
    await checkpointer.lose();
    this.#ended = true;
    calls.settle('stopped');
  }

  /** Nothing of what is unfinished is checkpointed from here on. */
  async #lose(held: Held): Promise<void> {
    if (this.#ended) return;
    held.calls.settle('lost');
    await this.#drop(held);
  }

  async #failed(error: unknown): Promise<unknown> {
    if (this.#held === null) return error;
    this.#held.calls.failed(error);
    await this.#drop(this.#held);
    return error;
  }

  async #drop({ processor, checkpointer }: Held): Promise<void> {
    this.#ended = true;
    void checkpointer.lose();
    await processor.leaseLost().catch((err: unknown) => this.#warn(err, 'processor did not drop its work'));
  }

  /**
   * A call that the consumer's end has cut short ends like one that was done: nothing of it is checkpointed. So does one in
   * which it turns out that another worker has the shard; the daemon says so next.
   */
  async #call(held: Held, work: () => Promise<void>): Promise<void> {
    try {
      await held.calls.call(work, this.#signal);
    } catch (error) {
      if (error === this.#signal.reason) return;
      if (error instanceof LazuliError && error.code === 'lease_lost') return this.#lose(held);
      throw error;
    }
  }

  /** @throws LazuliError `lease_lost`; `stream_unavailable` where trying again may help */
  async #checkpoint(checkpoint: string): Promise<void> {
    await this.#say(checkpointAsked(checkpoint === shardEnd ? null : checkpoint));
    const answer = await this.#next();
    const error = answer === null ? 'ShutdownException' : checkpointErrorOf(answer);
    if (error === null) return;
    if (error === 'ShutdownException')
      throw new LazuliError('lease_lost', 'Another worker has the shard now.', { remedy: 'Drop the work.' });
    throw new LazuliError('stream_unavailable', `The Kinesis Client Library can't checkpoint: ${error}`, {
      remedy: 'Check the table of its leases; it is tried again.',
    });
  }

  /** @returns null where the daemon says nothing more */
  async #next(): Promise<Buffer | null> {
    const { done, value } = await this.#lines.next();
    return done === true ? null : value;
  }

  async #say(line: string): Promise<void> {
    if (this.#socket.destroyed) return;
    const isTaken = this.#socket.write(`${line}\n`);
    // Where the daemon is gone, reading says so.
    if (!isTaken) await once(this.#socket, 'drain', { signal: this.#gone.signal }).catch(() => undefined);
  }

  #warn(err: unknown, message: string): void {
    this.#context.logger.warn({ stream: this.#context.stream, shard: this.status?.shardId, err }, message);
  }
}
