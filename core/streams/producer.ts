import {
  type KinesisClient,
  PutRecordsCommand,
  type PutRecordsRequestEntry,
  type PutRecordsResultEntry,
} from '@aws-sdk/client-kinesis';
import { LazuliError } from '../config/errors.ts';
import { type Backoff, fullJitter, type Random } from '../runtime/backoff.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Clock } from '../runtime/ports.ts';
import { streamFault, streamUnavailable } from './faults.ts';

/** A record to be put. The partition key, 1 to 256 characters, chooses the shard. */
export interface StreamEntry {
  readonly partitionKey: string;
  readonly data: Uint8Array;
}

/** Where an entry went. */
export interface Acknowledgement {
  readonly shardId: string;
  readonly sequenceNumber: string;
}

/** How long to try: whichever bound is met first. */
export interface PutOptions {
  /** ends it: then its reason is thrown */
  readonly signal?: AbortSignal;
  readonly maxAttempts?: number;
  readonly maxMillis?: number;
  readonly backoff?: Backoff;
  readonly clock?: Clock;
  readonly random?: Random;
}

/** Limits of one request to Kinesis (PutRecords): data and partition keys together. */
const maxRequestRecords = 500;
const maxRequestBytes = 5 * 2 ** 20;
export const maxRecordBytes = 2 ** 20;

/**
 * Puts records into a stream. Entries that the stream refuses for the moment, and only those, are put
 * again; an entry can arrive twice, or after one that follows it here.
 *
 * @returns once every entry is acknowledged: where each went, in the order of the entries
 * @throws LazuliError `payload_too_large` before anything is put; `stream_unavailable` when the bounds
 * are used up or the request is refused: then some entries may have been put
 */
export async function putRecords(
  client: KinesisClient,
  stream: string,
  entries: readonly StreamEntry[],
  options: PutOptions = {},
): Promise<readonly Acknowledgement[]> {
  const chunks = chunkEntries(stream, entries);
  const put = new Put(client, stream, options);
  const acknowledged: Acknowledgement[] = [];
  for (const chunk of chunks) acknowledged.push(...(await put.chunk(chunk)));
  return acknowledged;
}

/** Cuts entries into requests. @throws LazuliError `payload_too_large` */
export function chunkEntries(stream: string, entries: readonly StreamEntry[]): readonly (readonly StreamEntry[])[] {
  const chunks: StreamEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const bytes = entry.data.byteLength + Buffer.byteLength(entry.partitionKey);
    if (bytes > maxRecordBytes) throw tooLarge(stream, entry, bytes);
    const last = chunks.at(-1);
    if (last === undefined || last.length === maxRequestRecords || bytes > room) {
      chunks.push([entry]);
      room = maxRequestBytes - bytes;
    } else {
      last.push(entry);
      room -= bytes;
    }
  }
  return chunks;
}

/** One call of `putRecords`: all its chunks share the bound in time. */
class Put {
  readonly #client: KinesisClient;
  readonly #stream: string;
  readonly #options: Required<PutOptions>;
  readonly #deadline: number;

  constructor(client: KinesisClient, stream: string, options: PutOptions) {
    this.#client = client;
    this.#stream = stream;
    this.#options = { ...defaults, ...options };
    this.#deadline = this.#options.clock.now() + this.#options.maxMillis;
  }

  async chunk(entries: readonly StreamEntry[]): Promise<readonly Acknowledgement[]> {
    const acknowledged = new Array<Acknowledgement>(entries.length);
    let open = entries.map((entry, index) => ({ entry, index }));
    for (let attempts = 1; open.length > 0; attempts++) {
      const { results, failure } = await this.#attempt(open.map(({ entry }) => entry));
      const failed = open.filter(({ index }, i) => {
        const done = readResult(results[i]);
        if (done !== null) acknowledged[index] = done;
        return done === null;
      });
      if (failed.length > 0) await this.#wait(attempts, failure, `${failed.length} of ${entries.length} records`);
      open = failed;
    }
    return acknowledged;
  }

  /** A request that fails as a whole has no results: all its entries are put again. */
  async #attempt(
    entries: readonly StreamEntry[],
  ): Promise<{ results: readonly PutRecordsResultEntry[]; failure: unknown }> {
    const Records = entries.map(printEntry);
    const { signal } = this.#options;
    signal.throwIfAborted();
    try {
      const { Records: results = [] } = await this.#client.send(
        new PutRecordsCommand({ StreamName: this.#stream, Records }),
        { abortSignal: signal },
      );
      return { results, failure: failureOf(results) };
    } catch (failure) {
      return { results: [], failure };
    }
  }

  /** @throws LazuliError `stream_unavailable` where waiting is of no use */
  async #wait(attempts: number, failure: unknown, what: string): Promise<void> {
    const { clock, backoff, random, maxAttempts, signal } = this.#options;
    signal.throwIfAborted();
    const fault = streamFault(failure);
    const millis = fullJitter(attempts, backoff, random);
    const hopeless = fault === 'refused' || fault === 'missing';
    if (hopeless || attempts >= maxAttempts || clock.now() + millis > this.#deadline) {
      throw streamUnavailable(this.#stream, `putting ${what} (attempt ${attempts})`, failure);
    }
    await clock.sleep(millis, signal);
  }
}

const defaults: Required<PutOptions> = {
  signal: new AbortController().signal,
  maxAttempts: 12,
  maxMillis: 30_000,
  backoff: { baseMillis: 50, capMillis: 5_000 },
  clock: systemClock,
  random: Math.random,
};

function printEntry({ partitionKey, data }: StreamEntry): PutRecordsRequestEntry {
  return { PartitionKey: partitionKey, Data: data };
}

function readResult(result: PutRecordsResultEntry | undefined): Acknowledgement | null {
  const { ShardId: shardId, SequenceNumber: sequenceNumber } = result ?? {};
  return shardId === undefined || sequenceNumber === undefined ? null : { shardId, sequenceNumber };
}

/** The reason why entries failed, as an error named like the SDK's. */
function failureOf(results: readonly PutRecordsResultEntry[]): Error {
  const failed = results.find((result) => readResult(result) === null);
  const error = new Error(failed?.ErrorMessage ?? 'The answer has too few results.');
  error.name = failed?.ErrorCode ?? 'InternalFailure';
  return error;
}

function tooLarge(stream: string, { partitionKey }: StreamEntry, bytes: number): LazuliError {
  const record = `The record '${partitionKey}' for stream '${stream}'`;
  return new LazuliError('payload_too_large', `${record} has ${bytes} bytes, at most ${maxRecordBytes} are possible.`, {
    remedy: 'Make it smaller, or split it.',
  });
}
