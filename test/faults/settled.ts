import { setTimeout } from 'node:timers/promises';
import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Settings } from '../../core/config/settings.ts';
import type { TransformStatus } from '../../core/control/catalog-status.ts';
import type { IngestStatus } from '../../core/control/ingest.ts';
import type { DeadLetters } from '../../core/storage/dead-letters.ts';
import { shardEnd } from '../../core/streams/checkpoints.ts';
import { compareSequence } from '../../core/streams/sequence.ts';
import { kinesisSource } from '../../core/streams/source.ts';
import { ask } from './indexed.ts';

const pollMillis = 200;

/** What is asked of a pipeline. */
export interface Pipeline {
  readonly settings: Settings;
  readonly kinesis: { readonly client: KinesisClient };
  readonly deadLetters: DeadLetters;
  /** of a worker that runs */
  url(role: 'ingest' | 'transform'): string;
}

export interface Settling {
  readonly millis?: number | undefined;
  /** a catalog that isn't worked on, as its configuration is invalid */
  readonly refused?: string | undefined;
}

/**
 * Waits until both workers say that nothing is left to do, and the checkpoint of every shard of both
 * streams is at its last record.
 *
 * @throws Error with what they say where it takes too long
 */
export function settled(pipeline: Pipeline, { millis, refused }: Settling = {}): Promise<void> {
  const looks = [
    () => notIdle(pipeline, refused),
    () => notIngested(pipeline),
    () => notTransformed(pipeline, refused),
  ];
  return noReason(async () => {
    for (const look of looks) {
      const why = await look();
      if (why !== null) return why;
    }
    return null;
  }, millis);
}

/** The same, of the ingest worker alone. */
export function ingested(pipeline: Pipeline): Promise<void> {
  return noReason(() => notIngested(pipeline));
}

/** Waits until there is no reason any more to wait. */
async function noReason(reason: () => Promise<string | null>, millis = 90_000): Promise<void> {
  const deadline = Date.now() + millis;
  for (;;) {
    const why = await reason();
    if (why === null) return;
    if (Date.now() > deadline) throw new Error(`Not finished within ${millis} ms: ${why}`);
    await setTimeout(pollMillis);
  }
}

async function notIngested(pipeline: Pipeline): Promise<string | null> {
  const { paused, shards } = (await ask(pipeline.url('ingest'), 'GET', '/status')) as IngestStatus;
  if (paused !== null) return JSON.stringify(paused);
  return behindIn(pipeline.kinesis.client, pipeline.settings.kinesis.notifications, shards);
}

const transformStatus = async (pipeline: Pipeline): Promise<TransformStatus> =>
  (await ask(pipeline.url('transform'), 'GET', '/status')) as TransformStatus;

/** Looked at first, since reading whole streams takes much longer; it proves nothing before all is ingested. */
const notIdle = async (pipeline: Pipeline, refused?: string): Promise<string | null> =>
  waitingIn(pipeline, await transformStatus(pipeline), refused);

async function notTransformed(pipeline: Pipeline, refused?: string): Promise<string | null> {
  const transform = await transformStatus(pipeline);
  const waiting = await waitingIn(pipeline, transform, refused);
  return waiting ?? behindIn(pipeline.kinesis.client, pipeline.settings.kinesis.batches, transform.shards);
}

async function waitingIn(pipeline: Pipeline, { catalogs }: TransformStatus, refused?: string): Promise<string | null> {
  for (const [name, { state, outbox, batches, ...rest }] of Object.entries(catalogs)) {
    const { letters } = await pipeline.deadLetters.list({ catalog: name, kind: 'batch' });
    const missing = (batches?.staged ?? 1) - (batches?.stored ?? 0) - letters.length;
    if (state === 'idle' && outbox === 0 && missing === 0) continue;
    if (name === refused && rest.pause?.code === 'configuration_invalid') continue;
    return JSON.stringify({ name, state, outbox, batches, damaged: letters.length, ...rest });
  }
  return null;
}

type Shards = IngestStatus['shards'];

async function behindIn(client: KinesisClient, stream: string, shards: Shards): Promise<string | null> {
  const checkpoints = new Map(shards.map(({ shardId, checkpoint }) => [shardId, checkpoint]));
  for (const [shardId, last] of await lastRecords(client, stream)) {
    const checkpoint = checkpoints.get(shardId) ?? null;
    if (checkpoint === shardEnd || last === null) continue;
    if (checkpoint === null || compareSequence(checkpoint, last) < 0)
      return `${stream} ${shardId} is checkpointed at ${checkpoint}, not at ${last}: ${JSON.stringify(shards)}`;
  }
  return null;
}

/** The sequence number of the last record of every shard; null where it has none. */
async function lastRecords(client: KinesisClient, stream: string): Promise<ReadonlyMap<string, string | null>> {
  const source = kinesisSource(client, stream);
  const signal = AbortSignal.timeout(20_000);
  const last = new Map<string, string | null>();
  for (const { shardId } of await source.shards(signal)) {
    let iterator: string | null = await source.iterator(shardId, null, signal);
    let found: string | null = null;
    while (iterator !== null) {
      const { records, next, millisBehindLatest } = await source.page(iterator, 1000, signal);
      found = records.at(-1)?.sequenceNumber ?? found;
      iterator = millisBehindLatest === 0 && records.length === 0 ? null : next;
    }
    last.set(shardId, found);
  }
  return last;
}
