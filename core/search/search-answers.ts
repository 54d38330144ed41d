import { z } from 'zod';

const ofAllShards = z
  .object({ total: z.int().min(1), successful: z.int(), failed: z.literal(0) })
  .refine(({ total, successful }) => successful === total);

/** What every answer of OpenSearch to a search must say, whoever asks: nothing failed, was given up or cut short. */
export const ofAllDocuments = z.object({
  timed_out: z.literal(false),
  terminated_early: z.literal(false).optional(),
  _shards: ofAllShards,
});

/** How many documents a search finds, of which none was left uncounted. */
export const exactTotal = z.object({ value: z.int().min(0), relation: z.literal('eq') });

const refusal = z.object({ error: z.object({ type: z.string() }), status: z.int() });

/**
 * The type of the error that OpenSearch itself gives. A status alone says nothing: a proxy answers with the same ones.
 *
 * @param body as parsed
 * @returns null where somebody else has answered
 */
export function refusalOf(status: number, body: unknown): string | null {
  const told = refusal.safeParse(body).data;
  return told?.status === status ? told.error.type : null;
}

/** Whether OpenSearch says that it has no such index. */
export const isIndexMissing = (status: number, body: unknown): boolean =>
  status === 404 && refusalOf(status, body) === 'index_not_found_exception';
