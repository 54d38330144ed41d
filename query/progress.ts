import { z } from 'zod';
import { getJson } from '../http/ask.ts';
import type { HealthCheck } from '../http/health.ts';

const ingestStatus = z.looseObject({ shards: z.array(z.looseObject({ pending: z.int() })) });
const transformStatus = z.looseObject({
  catalogs: z.record(
    z.string(),
    z.looseObject({
      batches: z.looseObject({ staged: z.int(), stored: z.int() }).optional(),
      outbox: z.int().optional(),
    }),
  ),
});

/**
 * How much of what was acknowledged isn't searchable yet, as the workers say at their control
 * endpoints (specification, service-api 4): notifications read but not staged, documents not written.
 * Batches that are staged but not stored count as one document each: how many they will touch is not known.
 */
export function progressCheck(ingest: string, transform: string): HealthCheck {
  return async () => {
    const [{ shards }, { catalogs }] = await Promise.all([
      getJson(`${ingest}/status`, ingestStatus),
      getJson(`${transform}/status`, transformStatus),
    ]);
    const waiting = Object.values(catalogs).map(
      ({ batches, outbox = 0 }) => outbox + (batches === undefined ? 0 : Math.max(0, batches.staged - batches.stored)),
    );
    return {
      up: true,
      unindexed_bundles: sum(shards.map(({ pending }) => pending)),
      unindexed_documents: sum(waiting),
    };
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
