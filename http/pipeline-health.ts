import type { KinesisClient } from '@aws-sdk/client-kinesis';
import { z } from 'zod';
import { defaultCatalog } from '../config/catalogs.ts';
import { ownerUrls } from '../config/peers.ts';
import type { Settings } from '../config/settings.ts';
import { type Backlog, backlogOf } from '../streams/backlog.ts';
import { kinesisSource } from '../streams/source.ts';
import { checkpointsFor } from '../streams/stores.ts';
import { getJson } from './ask.ts';
import type { Health, HealthChecks } from './health.ts';

/** Counts what of a stream has not had its effect yet. @throws Error where the stream can't be read */
export type CountBacklog = () => Promise<Backlog>;

/** What is asked about the pipeline. */
export interface PipelineParts {
  /** by the names of the streams */
  readonly notifications: readonly [string, CountBacklog];
  readonly batches: readonly [string, CountBacklog];
  /** status of the transform workers */
  readonly transformStatus: readonly string[];
}

/** Less than a health check has as a whole, so that what was counted till then is told. */
const countMillis = 3_500;

/** The pipeline of a deployment. */
export function pipelineParts(client: KinesisClient, settings: Settings): PipelineParts {
  const { kinesis, catalogs, http } = settings;
  const counter = (stream: string, stage: string) => {
    const [source, checkpoints] = [kinesisSource(client, stream), checkpointsFor(settings, stage)];
    const count = () => backlogOf(source, stream, checkpoints, AbortSignal.timeout(countMillis));
    return [stream, together(count)] as const;
  };
  return {
    notifications: counter(kinesis.notifications, 'ingest'),
    batches: counter(kinesis.batches, http.peers === undefined ? 'transform' : `transform-${defaultCatalog(catalogs)}`),
    transformStatus: [...new Set(ownerUrls(settings).values())].map((url) => `${url}/status`),
  };
}

/**
 * Whether the streams can be read, and how much of what was acknowledged isn't searchable yet
 * (specification, service-api 4). Streams know neither delayed nor invisible messages: what a worker
 * has read and not finished is still queued.
 */
export function pipelineChecks({ notifications, batches, transformStatus }: PipelineParts): HealthChecks {
  return {
    queues: async () => {
      const found = await Promise.all([notifications, batches].map(queue));
      return { ...Object.fromEntries(found), up: found.every(([, { up }]) => up) };
    },
    progress: async () => {
      const [unstaged, unloaded, waiting] = await Promise.all([
        notifications[1](),
        batches[1](),
        waitingDocuments(transformStatus),
      ]);
      const { documents, unstored, ...problem } = waiting;
      return {
        up: true,
        unindexed_bundles: unstaged.records,
        unindexed_documents: documents + Math.max(unstored, unloaded.records),
        ...(unstaged.complete && unloaded.complete ? {} : { at_least: true }),
        ...problem,
      };
    },
  };
}

async function queue([name, count]: readonly [string, CountBacklog]): Promise<readonly [string, Health]> {
  try {
    const { records } = await count();
    return [name, { up: true, messages: { delayed: 0, invisible: 0, queued: records } }];
  } catch (error) {
    return [name, { up: false, error: error instanceof Error ? error.message : String(error) }];
  }
}

const transformStatus = z.looseObject({
  catalogs: z.record(
    z.string(),
    z.looseObject({
      batches: z.looseObject({ staged: z.int(), stored: z.int() }).optional(),
      outbox: z.int().optional(),
    }),
  ),
});

interface Waiting {
  /** to be written */
  readonly documents: number;
  /** batches that are staged and not loaded; how many documents they touch isn't known */
  readonly unstored: number;
  readonly error?: string;
}

/** What only the transform workers know; without them the streams tell what they can. */
async function waitingDocuments(urls: readonly string[]): Promise<Waiting> {
  try {
    const answers = await Promise.all(urls.map((url) => getJson(url, transformStatus)));
    const catalogs = answers.flatMap((answer) => Object.values(answer.catalogs));
    return {
      documents: sum(catalogs.map(({ outbox = 0 }) => outbox)),
      unstored: sum(catalogs.map(({ batches }) => Math.max(0, (batches?.staged ?? 0) - (batches?.stored ?? 0)))),
    };
  } catch (error) {
    return {
      documents: 0,
      unstored: 0,
      error: `Documents that wait to be written are not counted: ${(error as Error).message}`,
    };
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** Callers that come while a count is under way share it. */
function together(count: CountBacklog): CountBacklog {
  let running: Promise<Backlog> | undefined;
  return () => {
    running ??= count().finally(() => {
      running = undefined;
    });
    return running;
  };
}
