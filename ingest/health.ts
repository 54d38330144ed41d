import type { KinesisClient } from '@aws-sdk/client-kinesis';
import type { Settings } from '../config/settings.ts';
import { type Health, type HealthChecks, urlCheck } from '../http/health.ts';
import { localUrl } from '../http/server.ts';
import { findStream } from '../streams/stream.ts';

const findMillis = 4_000;

/** Specification, service API 4, as far as an indexer of this system has it. */
export function indexerChecks(client: KinesisClient, { kinesis, opensearch, http }: Settings): HealthChecks {
  return {
    elasticsearch: urlCheck('', () => opensearch.url),
    queues: async () => {
      const names = [kinesis.notifications, kinesis.batches];
      const found = await Promise.all(names.map(async (name) => [name, await streamHealth(client, name)] as const));
      return { ...Object.fromEntries(found), up: found.every(([, { up }]) => up) };
    },
    other_lambdas: urlCheck('service', () => `${localUrl(http.host, http.query)}/health/basic`),
  };
}

async function streamHealth(client: KinesisClient, name: string): Promise<Health> {
  const found = await findStream(client, name, AbortSignal.timeout(findMillis));
  return { up: found !== null && found.status !== 'DELETING' };
}
