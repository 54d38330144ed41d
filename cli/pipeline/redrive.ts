import type { Settings } from '../../config/settings.ts';
import { redrivenNotification } from '../../ingest/dead-letter.ts';
import type { DeadLetter } from '../../streams/dead-letter.ts';
import { createKinesisClient } from '../../streams/kinesis.ts';
import { putRecords } from '../../streams/producer.ts';
import { load, touch } from './workers.ts';

/**
 * Has the work of a dead letter done again: a notification goes back to its stream, a batch is loaded
 * again, a document is computed again from what is stored by now. If it fails again, it gets a
 * letter again.
 *
 * @throws LazuliError `stream_unavailable`, `unavailable`, `record_malformed`
 */
export async function redrive(settings: Settings, { kind, payload }: DeadLetter): Promise<void> {
  switch (kind) {
    case 'notification':
      return redriveNotification(settings, payload);
    case 'batch':
      return load(settings, payload);
    case 'document':
      return touch(settings, payload);
  }
}

async function redriveNotification(settings: Settings, payload: unknown): Promise<void> {
  const client = createKinesisClient(settings);
  try {
    await putRecords(client, settings.kinesis.notifications, [redrivenNotification(payload)]);
  } finally {
    client.destroy();
  }
}
