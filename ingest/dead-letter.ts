import { createHash } from 'node:crypto';
import { z } from 'zod';
import { LazuliError } from '../core/config/errors.ts';
import { shownIssues } from '../core/config/issues.ts';
import { deadLetter, type NewDeadLetter } from '../core/storage/dead-letter.ts';
import type { StreamEntry } from '../core/streams/producer.ts';
import type { FailedRecord } from './failures.ts';
import { decodeNotification, type Notification } from './notification.ts';

/** What a dead notification keeps: the record as it was, readable where it is JSON. */
const payloadSchema = z.union([
  z.strictObject({ partitionKey: z.string(), notification: z.record(z.string(), z.unknown()) }),
  z.strictObject({ partitionKey: z.string(), base64: z.string() }),
]);
type Payload = z.output<typeof payloadSchema>;

/** The letter about a notification that can't be processed. Repetitions of the notification share it. */
export function notificationLetter({
  record,
  error,
}: {
  readonly record: Pick<FailedRecord['record'], 'partitionKey' | 'data'>;
  readonly error: unknown;
}): NewDeadLetter {
  const { partitionKey, data } = record;
  const notification = readable(data);
  const place =
    notification === null
      ? placeOf(createHash('sha256').update(data).digest('hex'))
      : notificationPlace(notification.action, notification.notification.bundle_fqid);
  return deadLetter(error, {
    catalog: notification?.catalog ?? null,
    ...place,
    payload: (notification === null
      ? { partitionKey, base64: Buffer.from(data).toString('base64') }
      : { partitionKey, notification }) satisfies Payload,
  });
}

/**
 * The record that redrives a dead notification, to be put into the stream `notifications`.
 *
 * @throws LazuliError `record_malformed`
 */
export function redrivenNotification(payload: unknown): StreamEntry {
  const { data, error } = payloadSchema.safeParse(payload);
  if (data === undefined) {
    throw new LazuliError('record_malformed', `Not the payload of a dead notification: ${shownIssues(error)}`, {
      remedy: 'Drop the letter, and notify again.',
    });
  }
  const { partitionKey } = data;
  return 'base64' in data
    ? { partitionKey, data: Buffer.from(data.base64, 'base64') }
    : { partitionKey, data: Buffer.from(JSON.stringify(data.notification), 'utf8') };
}

/** The notification that a letter is about. @throws LazuliError `record_malformed` */
export const deadNotification = ({ payload }: Pick<NewDeadLetter, 'payload'>): Notification =>
  decodeNotification(redrivenNotification(payload).data);

function readable(data: Uint8Array): Notification | null {
  try {
    return decodeNotification(data);
  } catch {
    return null; // that it can't be read is what the letter is about
  }
}

/** By what the letter about a notification is known, within its catalog. */
export const notificationPlace = (
  action: Notification['action'],
  {
    source,
    uuid,
    version,
  }: { readonly source: { readonly id: string }; readonly uuid: string; readonly version: string },
) => placeOf(JSON.stringify([action, source.id, uuid, version]));

const placeOf = (identity: string) => ({ stage: 'ingest', kind: 'notification', identity }) as const;
