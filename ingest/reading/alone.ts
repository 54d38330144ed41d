import { ingestStage } from '../../core/config/stages.ts';
import { checkpointsFor } from '../../core/deployment/stores.ts';
import { reportOf } from '../../core/runs/reports.ts';
import { startConsumer } from '../../core/streams/driver.ts';
import type { Reading, ReadingParts } from './reading.ts';

/** Reads all shards in this process; no other one may. */
export function readAlone({ settings, client, factory, paces, logger }: ReadingParts): Reading {
  const stream = settings.kinesis.notifications;
  const checkpoints = checkpointsFor(settings, ingestStage);
  const consumer = startConsumer({ ...paces, client, stream, factory, checkpoints, logger });
  const stop = new AbortController();
  return {
    done: consumer.done,
    status: async () => consumer.status(),
    report: async (at, before) => reportOf(consumer.status(), at, before),
    alone: (work) => work(stop.signal),
    async stop() {
      stop.abort();
      await consumer.stop();
    },
  };
}
