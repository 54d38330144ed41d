import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessRecordsInput, RecordProcessor, RecordProcessorFactory } from '../../../core/streams/processor.ts';

/** What happened, in order. */
export interface Event {
  readonly shardId: string;
  readonly event: 'initialize' | 'record' | 'leaseLost' | 'shardEnded' | 'shutdownRequested';
  /** text of the record, or the checkpoint at the start */
  readonly text?: string | null;
}

/** Record processors that write down all that happens to them, and checkpoint every record at once. */
export class Recording {
  readonly events: Event[] = [];
  idleCalls = 0;
  /** called before the records are written down */
  before: (input: ProcessRecordsInput, shardId: string) => Promise<void> | void = () => {};
  /** called in place of checkpointing the last record */
  after: (input: ProcessRecordsInput, shardId: string) => Promise<void> | void = checkpointLast;

  readonly factory: RecordProcessorFactory = (shardId) => this.#processor(shardId);

  /** texts of records, over all shards or of one */
  texts(shardId?: string): readonly string[] {
    const records = this.events.filter(({ event }) => event === 'record');
    return records.filter((event) => shardId === undefined || event.shardId === shardId).map(({ text }) => text ?? '');
  }

  count(event: Event['event']): number {
    return this.events.filter((happened) => happened.event === event).length;
  }

  #processor(shardId: string): RecordProcessor {
    const note = (event: Event['event'], text?: string | null) =>
      this.events.push({ shardId, event, ...(text === undefined ? {} : { text }) });
    return {
      initialize: async ({ checkpoint }) => void note('initialize', checkpoint),
      processRecords: async (input) => {
        await this.before(input, shardId);
        if (input.records.length === 0) this.idleCalls++;
        for (const { data } of input.records) note('record', Buffer.from(data).toString());
        await this.after(input, shardId);
      },
      leaseLost: async () => void note('leaseLost'),
      shardEnded: async ({ checkpointer }) => {
        note('shardEnded');
        await checkpointer.checkpoint();
      },
      shutdownRequested: async () => void note('shutdownRequested'),
    };
  }
}

async function checkpointLast({ records, checkpointer }: ProcessRecordsInput): Promise<void> {
  const last = records.at(-1);
  if (last !== undefined) await checkpointer.checkpoint(last.sequenceNumber);
}

/** A folder that goes away with its scope. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'lazuli-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
