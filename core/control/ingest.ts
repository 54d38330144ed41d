import { z } from 'zod';
import type { Shown } from '../http/operation.ts';
import { shardStatusSchema } from '../streams/consumer.ts';
import { nothing, question } from './declaration.ts';

const countsSchema = z.object({
  read: z.int().meta({ description: 'Notifications.' }),
  staged: z.int().meta({ description: 'Additions and deletions in staged batches.' }),
  deadLettered: z.int(),
  batches: z.int(),
});

const statusSchema = z
  .object({
    stage: z.literal('ingest'),
    shards: z.array(shardStatusSchema),
    counts: countsSchema.meta({ description: 'Since the process started.' }),
    rate: z.number().meta({ description: 'Bundles staged a second, over the last ten.' }),
    refused: z.record(z.string(), z.string()).meta({ description: "By catalog, why it isn't worked on." }),
    paused: z
      .object({ code: z.string().optional(), reason: z.string(), remedy: z.string().nullable(), since: z.number() })
      .nullable()
      .meta({ description: 'Why nothing goes on; null where all is well.' }),
  })
  .meta({ id: 'IngestStatus' });

/** What an ingest process did since it started. */
export type IngestCounts = Shown<z.output<typeof countsSchema>>;
export type IngestStatus = Shown<z.output<typeof statusSchema>>;

/** What can be asked of an ingest process. */
export const ingestControl = {
  status: question({
    ...{ method: 'get', path: '/status', given: nothing, answer: statusSchema },
    summary: 'How far this process is',
  }),
};
