import { z } from 'zod';
import { LazuliError } from '../../config/errors.ts';
import { jsonOrNothing, shownText } from '../../config/text.ts';
import type { StreamRecord } from '../processor.ts';

/**
 * What the MultiLangDaemon of the Kinesis Client Library and a processor of a shard say to each other: one JSON object a
 * line. The daemon gives an order and waits for its `status`; until that, the processor may ask for checkpoints, each of
 * which is answered. Source: amazon-kinesis-client-multilang 3.1, package `messages`.
 */
const recordSchema = z.object({
  /** base64 */
  data: z.string(),
  partitionKey: z.string(),
  sequenceNumber: z.string(),
  /** milliseconds since the epoch */
  approximateArrivalTimestamp: z.number().nullish(),
});

const orderSchema = z.discriminatedUnion('action', [
  z.object({ action: z.literal('initialize'), shardId: z.string(), sequenceNumber: z.string().nullish() }),
  z.object({
    action: z.literal('processRecords'),
    records: z.array(recordSchema),
    millisBehindLatest: z.number().nullish(),
  }),
  z.object({ action: z.literal('leaseLost') }),
  z.object({ action: z.literal('shardEnded') }),
  z.object({ action: z.literal('shutdownRequested') }),
]);
export type Order = z.output<typeof orderSchema>;

/** `error` is the name of an exception of the library; absent or null where the checkpoint is durable. */
const checkpointedSchema = z.object({ action: z.literal('checkpoint'), error: z.string().nullish() });

/** @throws LazuliError `stream_unavailable` where it is none */
export const orderOf = (line: Uint8Array): Order => parsed(orderSchema, line);

/** @returns the name of an exception; null where the checkpoint is durable. @throws LazuliError `stream_unavailable` */
export const checkpointErrorOf = (line: Uint8Array): string | null => parsed(checkpointedSchema, line).error ?? null;

/** @param sequenceNumber null at the end of a shard */
export const checkpointAsked = (sequenceNumber: string | null): string =>
  JSON.stringify({ action: 'checkpoint', sequenceNumber, subSequenceNumber: sequenceNumber === null ? null : 0 });

export const statusOf = (order: Order): string => JSON.stringify({ action: 'status', responseFor: order.action });

/** @param now for a record that doesn't say when it arrived, in milliseconds since the epoch */
export const recordOf = (
  { data, partitionKey, sequenceNumber, approximateArrivalTimestamp }: z.output<typeof recordSchema>,
  now: number,
): StreamRecord => ({
  sequenceNumber,
  partitionKey,
  data: Buffer.from(data, 'base64'),
  arrived: approximateArrivalTimestamp ?? now,
});

/** The position of a shard that has no checkpoint yet, by where in the stream the library begins. */
const beginnings = new Set(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']);

/** @returns the checkpoint from which a shard goes on, null where it has none */
export const checkpointOf = (sequenceNumber: string | null | undefined): string | null =>
  sequenceNumber === undefined || sequenceNumber === null || beginnings.has(sequenceNumber) ? null : sequenceNumber;

function parsed<T>(schema: z.ZodType<T>, line: Uint8Array): T {
  const result = schema.safeParse(jsonOrNothing(line));
  if (result.success) return result.data;
  const said = shownText(line.subarray(0, 200));
  throw new LazuliError('stream_unavailable', `The MultiLangDaemon says what is not understood: ${said}`, {
    remedy: 'Use the version of the Kinesis Client Library that this version of Lazuli names.',
  });
}
