import { LazuliError } from '../../core/config/errors.ts';
import { parsedJson, shownText } from '../../core/config/text.ts';
import type { FaultPoint } from '../../core/runtime/ports.ts';
import { type Pointer, pointerSchema } from '../../core/staged/layout.ts';
import { deadLetter } from '../../core/storage/dead-letter.ts';
import type { DeadLetters } from '../../core/storage/dead-letters.ts';
import type { Checkpointer, ProcessRecordsInput, RecordProcessor, StreamRecord } from '../../core/streams/processor.ts';

/** What the processor needs of the owner of a catalog. */
export interface PointerOwner {
  load(batches: readonly string[]): Promise<number>;
  isWritten(commit: number): boolean;
}

export interface PointerProcessorParts {
  readonly catalog: string;
  readonly owner: PointerOwner;
  /**
   * all catalogs of the deployment: pointers of the others are read for them, too; what nobody understands goes to the
   * dead letters for the first one
   */
  readonly known: readonly string[];
  readonly deadLetters: DeadLetters;
  readonly fault: FaultPoint;
}

/** When the stream took the oldest notification of a pointer's batch, in milliseconds since the epoch; else when the pointer came. */
export function notifiedAt({ data, arrived }: StreamRecord): number {
  try {
    return pointerSchema.parse(parsedJson(data)).notified ?? arrived;
  } catch {
    return arrived;
  }
}

/** A record that has its effect when its catalog has written everything up to a commit. */
interface Pending {
  readonly sequenceNumber: string;
  readonly written: () => boolean;
}

/**
 * Processes the stream `batches`: a pointer's batch is loaded at once and checkpointed when the
 * documents that it touched are written (architecture, invariant 3).
 */
export class PointerProcessor implements RecordProcessor {
  readonly #parts: PointerProcessorParts;
  #pending: Pending[] = [];

  constructor(parts: PointerProcessorParts) {
    this.#parts = parts;
  }

  async initialize(): Promise<void> {}

  async processRecords({ records, checkpointer }: ProcessRecordsInput): Promise<void> {
    const pointers = await Promise.all(records.map((record) => this.#pointer(record)));
    const batches = pointers.map((pointer) => (pointer?.catalog === this.#parts.catalog ? pointer.batch : null));
    const written = await this.#load(batches.filter((batch) => batch !== null));
    for (const [i, { sequenceNumber }] of records.entries()) {
      this.#pending.push({ sequenceNumber, written: batches[i] ? written : () => true });
    }
    await this.#checkpoint(checkpointer);
  }

  async leaseLost(): Promise<void> {
    this.#pending = [];
  }

  /** The driver waits for this before it starts children; what is loaded stays in the outbox whatever happens. */
  async shardEnded({ checkpointer }: { readonly checkpointer: Checkpointer }): Promise<void> {
    await checkpointer.checkpoint();
  }

  async shutdownRequested({ checkpointer }: { readonly checkpointer: Checkpointer }): Promise<void> {
    await this.#checkpoint(checkpointer);
  }

  /** @returns whether everything that they touched is written */
  async #load(batches: readonly string[]): Promise<() => boolean> {
    if (batches.length === 0) return () => true;
    const { owner } = this.#parts;
    const commit = await owner.load(batches);
    return () => owner.isWritten(commit);
  }

  async #checkpoint(checkpointer: Checkpointer): Promise<void> {
    let last: string | null = null;
    while (this.#pending[0]?.written()) last = this.#pending.shift()?.sequenceNumber ?? last;
    if (last === null) return;
    await checkpointer.checkpoint(last);
    this.#parts.fault('transform.checkpointed');
  }

  /** @returns null where a record names no batch of ours; it is with the dead letters then, put there for the first catalog */
  async #pointer({ sequenceNumber, data }: StreamRecord): Promise<Pointer | null> {
    try {
      const pointer = pointerSchema.parse(parsedJson(data));
      if (this.#parts.known.includes(pointer.catalog)) return pointer;
      throw new Error(`catalog ${pointer.catalog} is not configured`);
    } catch (cause) {
      const error = new LazuliError(
        'record_malformed',
        `A record of the stream of batches can't be understood: ${(cause as Error).message}`,
        {
          remedy: 'Only ingest may write to that stream. A batch that exists is found without it.',
          cause,
        },
      );
      await this.#bury(error, sequenceNumber, shownText(data));
      return null;
    }
  }

  async #bury(error: LazuliError, sequenceNumber: string, text: string): Promise<void> {
    const { catalog, known, deadLetters } = this.#parts;
    if (catalog !== known[0]) return;
    const about = { catalog: null, stage: 'transform', kind: 'batch', identity: sequenceNumber } as const;
    await deadLetters.put(deadLetter(error, { ...about, payload: text.slice(0, 10_000) }));
  }
}
