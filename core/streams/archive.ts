import type { DeadLetters } from '../storage/dead-letters.ts';
import type { RecordProcessor, StreamRecord } from './processor.ts';
import { compareSequence } from './sequence.ts';

/** Keeps copies of what goes by. Durable when it resolves; the same copy may be kept more than once. */
export interface Archive {
  /** @throws LazuliError `stream_unavailable` */
  put(records: readonly Uint8Array[]): Promise<void>;
}

/**
 * Archives every record before the processor sees it, so before its checkpoint: an archive that is
 * down delays, and loses nothing. Records that are handed over again are not archived again.
 */
export function archiving(processor: RecordProcessor, archive: Archive): RecordProcessor {
  let archived: string | null = null;
  const isNew = ({ sequenceNumber }: StreamRecord) =>
    archived === null || compareSequence(sequenceNumber, archived) > 0;
  return {
    initialize: (input) => processor.initialize(input),
    async processRecords(input) {
      const fresh = input.records.filter(isNew);
      if (fresh.length > 0) await archive.put(fresh.map(({ data }) => data));
      archived = fresh.at(-1)?.sequenceNumber ?? archived;
      await processor.processRecords(input);
    },
    leaseLost: () => processor.leaseLost(),
    shardEnded: (input) => processor.shardEnded(input),
    shutdownRequested: (input) => processor.shutdownRequested(input),
  };
}

/** Tells a feed of every dead letter, by its header, once the letter itself is durable. */
export function announcing(letters: DeadLetters, feed: Archive): DeadLetters {
  return {
    async put(letter) {
      const key = await letters.put(letter);
      const { catalog, stage, kind, reason, message, place } = letter;
      const header = { key, catalog, stage, kind, reason, message: message.slice(0, maxMessage), place };
      await feed.put([Buffer.from(JSON.stringify(header))]);
      return key;
    },
    list: (filter) => letters.list(filter),
    keys: (filter) => letters.keys(filter),
    get: (key) => letters.get(key),
    delete: (key) => letters.delete(key),
  };
}

/** Characters: the whole message is in the letter. */
const maxMessage = 1000;
