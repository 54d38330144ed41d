import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { LazuliError } from '../config/errors.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Clock } from '../runtime/ports.ts';
import { streamFault, streamUnavailable } from './faults.ts';
import { checkName } from './names.ts';

/** A stream as it was found. A stream that is created again under the same name has another `created`. */
export interface StreamDescription {
  readonly name: string;
  /** milliseconds since the epoch */
  readonly created: number;
  readonly status: 'CREATING' | 'DELETING' | 'ACTIVE' | 'UPDATING';
  readonly openShards: number;
  readonly retentionHours: number;
}

/** @returns null where there is no such stream; throws what the SDK throws */
export async function findStream(
  client: KinesisClient,
  name: string,
  abortSignal?: AbortSignal,
): Promise<StreamDescription | null> {
  const command = new DescribeStreamSummaryCommand({ StreamName: name });
  try {
    const { StreamDescriptionSummary: found } = await client.send(command, abortSignal ? { abortSignal } : {});
    return {
      name,
      created: found?.StreamCreationTimestamp?.getTime() ?? 0,
      status: found?.StreamStatus ?? 'CREATING',
      openShards: found?.OpenShardCount ?? 0,
      retentionHours: found?.RetentionPeriodHours ?? 0,
    };
  } catch (error) {
    if (streamFault(error) === 'missing') return null;
    throw error;
  }
}

/** What `ensureStream` takes beside client and name. */
export interface EnsureOptions {
  readonly clock?: Clock;
  readonly pollMillis?: number;
  readonly timeoutMillis?: number;
  /** raised to this where it is shorter; Kinesis has 24 to 8760 */
  readonly retentionHours?: number;
}

/**
 * Creates the stream where it is absent and waits until it is active. The number of shards of a stream
 * that exists is left alone.
 *
 * @throws LazuliError `stream_unavailable` when it isn't active in time or the request is refused
 */
export async function ensureStream(
  client: KinesisClient,
  name: string,
  shards: number,
  { clock = systemClock, pollMillis = 100, timeoutMillis = 60_000, retentionHours = 24 }: EnsureOptions = {},
): Promise<StreamDescription> {
  checkName('stream', name);
  const deadline = clock.now() + timeoutMillis;
  for (;;) {
    const found = await step(client, name, shards, retentionHours);
    if (!(found instanceof Error)) return found;
    if (clock.now() >= deadline) throw notActive(name, found);
    await clock.sleep(pollMillis);
  }
}

/** One look at the stream, and one request towards what is wanted; returns what is still in the way. */
async function step(client: KinesisClient, name: string, shards: number, hours: number) {
  try {
    const found = await findStream(client, name);
    if (found === null) await create(client, name, shards);
    else if (found.status === 'ACTIVE') {
      if (found.retentionHours >= hours) return found;
      await retain(client, name, hours);
    }
    return new Error(`it is ${found?.status ?? 'being created'}`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // In use: another process creates or changes it at this moment.
    if (error.name === 'ResourceInUseException' || streamFault(error) !== 'refused') return error;
    throw streamUnavailable(name, 'creating it', error);
  }
}

async function create(client: KinesisClient, name: string, shards: number): Promise<void> {
  await client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
}

async function retain(client: KinesisClient, name: string, hours: number): Promise<void> {
  await client.send(new IncreaseStreamRetentionPeriodCommand({ StreamName: name, RetentionPeriodHours: hours }));
}

function notActive(name: string, cause: Error): LazuliError {
  return new LazuliError('stream_unavailable', `Stream '${name}' didn't become active in time: ${cause.message}`, {
    remedy: 'Check the Kinesis endpoint and its limit of shards; delete the stream if it stays in this state.',
    cause,
  });
}
