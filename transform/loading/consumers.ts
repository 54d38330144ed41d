import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Settings } from '../../core/config/settings.ts';
import { transformStage } from '../../core/config/stages.ts';
import { checkpointsFor } from '../../core/deployment/stores.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { FaultPoint } from '../../core/runtime/ports.ts';
import type { DeadLetters } from '../../core/storage/dead-letters.ts';
import type { Consumer, ShardStatus } from '../../core/streams/consumer.ts';
import { startConsumer } from '../../core/streams/driver.ts';
import type { ConsumerLimits } from '../../core/streams/limits.ts';
import { Reading } from '../../core/streams/reading.ts';
import { notifiedAt, type PointerOwner, PointerProcessor } from './processor.ts';

/** What consumers of the stream `batches` work with. */
export interface ConsumersParts {
  readonly settings: Settings;
  readonly client: KinesisClient;
  readonly paces: Partial<ConsumerLimits>;
  readonly deadLetters: DeadLetters;
  readonly fault: FaultPoint;
  readonly logger: Logger;
}

/**
 * Reads the stream `batches` for some catalogs, each with a checkpoint of its own: one that stands still or is slow
 * holds none of the others up. They share what is read.
 */
export function startConsumers(
  owners: ReadonlyMap<string, PointerOwner>,
  { settings, client, paces, deadLetters, fault, logger }: ConsumersParts,
): ReadonlyMap<string, Consumer> {
  const stream = { client, stream: settings.kinesis.batches };
  const reading = new Reading({ ...paces, ...stream });
  const known = Object.keys(settings.catalogs);
  const started = [...owners].map(([catalog, owner]) => {
    const parts = { catalog, owner, known, deadLetters, fault };
    const consumer = startConsumer({
      ...{ ...paces, ...stream, reading, since: notifiedAt, logger },
      factory: () => new PointerProcessor(parts),
      checkpoints: checkpointsFor(settings, transformStage(catalog)),
    });
    return [catalog, consumer] as const;
  });
  return new Map(started);
}

/** How a shard is read for a catalog. */
export type CatalogShard = ShardStatus & { readonly catalog: string };

export const shardsOf = (consumers: ReadonlyMap<string, Consumer>): readonly CatalogShard[] =>
  [...consumers].flatMap(([catalog, consumer]) => consumer.status().shards.map((shard) => ({ catalog, ...shard })));
