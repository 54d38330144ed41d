import type { LazuliError } from '../core/config/errors.ts';
import type { Settings } from '../core/config/settings.ts';
import type { Clock, FaultPoint, ObjectStore } from '../core/runtime/ports.ts';
import type { NewDeadLetter } from '../core/storage/dead-letter.ts';
import type { Checkpointer, ProcessRecordsInput, RecordProcessor, StreamRecord } from '../core/streams/processor.ts';
import { compareSequence } from '../core/streams/sequence.ts';
import type { OpenCatalogs } from './catalogs.ts';
import type { IngestMeter } from './counts.ts';
import { notificationLetter } from './dead-letter.ts';
import { type FailedRecord, FailureStreak } from './failures.ts';
import { type Preparation, type Prepared, prepare } from './fetch.ts';
import { inOrder } from './in-order.ts';
import { normalizePrepared, OpenBatches } from './open-batches.ts';
import { type ClosedBatch, type PutPointer, stage } from './stage.ts';

/** Where notifications go that can't be processed; durable when it resolves. */
export interface DeadLetterSink {
  put(letter: NewDeadLetter): Promise<unknown>;
}

/** What ingesting needs of the world, the same for all shards of a process. */
export interface IngestPorts {
  readonly catalogs: OpenCatalogs;
  /** why others can't be worked on */
  readonly refused?: ReadonlyMap<string, LazuliError>;
  readonly store: ObjectStore;
  readonly putPointer: PutPointer;
  readonly deadLetters: DeadLetterSink;
  /** what arrived by then, in milliseconds since the epoch, was thrown away */
  readonly purgedUntil: () => Promise<number>;
  readonly limits: Settings['limits'];
  readonly clock: Clock;
  readonly fault: FaultPoint;
  readonly meter: IngestMeter;
  /** names batches; default: names of batches that count at once */
  readonly batchId?: (now: number) => string;
}

const concurrentFetches = 8;

/**
 * Ingests one shard of the stream `notifications`: fetches, normalizes and stages bundles in
 * micro-batches. Delivers at least once: a record is checkpointed when its batch has manifest and
 * pointer, or its dead letter is durable (invariant 3). After an error the driver may hand over the
 * same records again; what was done with them is kept and not done again.
 */
export class IngestProcessor implements RecordProcessor {
  readonly #ports: IngestPorts;
  readonly #batches: OpenBatches;
  readonly #failures = new FailureStreak();
  /** closed, and not known to be staged yet */
  #closed: ClosedBatch[] = [];
  /** sequence number of the last record whose effect is in a batch or with the dead letters */
  #taken: string | null = null;
  #checkpointed: string | null = null;
  #lost = false;

  constructor(ports: IngestPorts) {
    this.#ports = ports;
    this.#batches = new OpenBatches(ports.limits, () => ports.clock.now(), ports.batchId);
  }

  async initialize({ checkpoint }: { readonly checkpoint: string | null }): Promise<void> {
    this.#checkpointed = checkpoint;
  }

  async processRecords({ records, checkpointer, millisBehindLatest }: ProcessRecordsInput): Promise<void> {
    if (this.#closed.length > 0 || this.#batches.due(false)) await this.#flush(checkpointer);
    const until = await this.#ports.purgedUntil();
    const { kept = [], purged = [] } = Object.groupBy(records, (one) => (one.arrived > until ? 'kept' : 'purged'));
    for (const record of purged) if (isAfter(record.sequenceNumber, this.#taken)) this.#took(record);
    for await (const preparation of this.#prepared(kept)) {
      if (this.#lost) return;
      this.#ports.fault('ingest.fetched');
      await this.#take(preparation, checkpointer);
      if (this.#batches.full || this.#batches.due(false)) await this.#flush(checkpointer);
    }
    await this.#buryAll(this.#failures.release());
    if (this.#batches.due(millisBehindLatest === 0) || this.#batches.isEmpty) await this.#flush(checkpointer);
  }

  async leaseLost(): Promise<void> {
    this.#lost = true;
    this.#closed = [];
  }

  async shardEnded({ checkpointer }: { readonly checkpointer: Checkpointer }): Promise<void> {
    await this.#flush(checkpointer);
    await checkpointer.checkpoint();
  }

  async shutdownRequested({ checkpointer }: { readonly checkpointer: Checkpointer }): Promise<void> {
    await this.#flush(checkpointer);
  }

  #prepared(records: readonly StreamRecord[]): AsyncIterable<Preparation> {
    const { limits } = this.#ports;
    const ports = { ...this.#ports, maxBytes: limits.bundleBytes };
    const fresh = records.filter(({ sequenceNumber }) => isAfter(sequenceNumber, this.#taken));
    const ahead = { items: concurrentFetches, size: limits.batchBytes };
    return inOrder(fresh, (record, signal) => prepare(record, ports, signal), sizeOf, ahead);
  }

  /** A bad bundle goes to the dead letters, and its neighbours go on. */
  async #take(preparation: Preparation, checkpointer: Checkpointer): Promise<void> {
    const { record } = preparation;
    let failure: { readonly error: unknown; readonly attempts: number } | undefined;
    if ('error' in preparation) failure = preparation;
    else failure = await this.#add(preparation.prepared, record.arrived, checkpointer);
    if (failure === undefined) {
      this.#failures.succeeded();
      await this.#buryAll(this.#failures.release());
      this.#took(record);
      return;
    }
    const failed = this.#failures.add(record, failure.error, failure.attempts);
    if (failed !== 'held') await this.#buryAll([...this.#failures.release(), failed]);
  }

  /** @returns why the bundle can't be staged, if so; throws what is not its fault */
  async #add(prepared: Prepared, notified: number, checkpointer: Checkpointer) {
    if (this.#batches.has(prepared)) return undefined;
    const normalized = attempt(() => normalizePrepared(prepared, this.#ports.limits.documentBytes));
    if ('error' in normalized) return normalized;
    if (this.#batches.overflowsWith(prepared, normalized.value)) {
      await this.#buryAll(this.#failures.release());
      await this.#flush(checkpointer);
    }
    const added = attempt(() => this.#batches.add(prepared, normalized.value, notified));
    return 'error' in added ? added : undefined;
  }

  async #buryAll(failed: readonly FailedRecord[]): Promise<void> {
    for (const failure of failed) {
      await this.#ports.deadLetters.put(notificationLetter(failure));
      this.#ports.meter.add({ deadLettered: 1 });
      this.#took(failure.record);
    }
  }

  #took({ sequenceNumber }: StreamRecord): void {
    this.#taken = sequenceNumber;
    this.#ports.meter.add({ read: 1 });
  }

  /** Stages everything, then checkpoints what was taken. May be called again after it failed. */
  async #flush(checkpointer: Checkpointer): Promise<void> {
    if (this.#lost) return;
    if (!this.#batches.isEmpty) this.#closed.push(...this.#batches.close());
    for (let batch = this.#closed[0]; batch !== undefined; batch = this.#closed[0]) {
      await stage(batch, this.#ports);
      this.#closed.shift();
      this.#ports.meter.add({ batches: 1, staged: batch.manifest.bundles.length });
    }
    if (this.#lost || this.#taken === null || !isAfter(this.#taken, this.#checkpointed)) return;
    await checkpointer.checkpoint(this.#taken);
    this.#checkpointed = this.#taken;
    this.#ports.fault('ingest.checkpointed');
  }
}

function isAfter(sequenceNumber: string, other: string | null): boolean {
  return other === null || compareSequence(sequenceNumber, other) > 0;
}

function sizeOf(preparation: Preparation): number {
  return 'prepared' in preparation ? (preparation.prepared.fetched?.bytes.length ?? 0) : 0;
}

function attempt<T>(action: () => T): { readonly value: T } | { readonly error: unknown; readonly attempts: number } {
  try {
    return { value: action() };
  } catch (error) {
    return { error, attempts: 1 };
  }
}
