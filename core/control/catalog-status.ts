import { z } from 'zod';
import type { Shown } from '../http/operation.ts';
import { catalogFactsSchema } from '../runs/facts.ts';
import { shardStatusSchema } from '../streams/consumer.ts';
import { handedOutSchema } from './building.ts';

/** How far a build of a generation is. */
const buildSchema = z.object({
  generation: z.int(),
  done: z.int().meta({ description: 'Documents.' }),
  expected: z.int(),
  started: z.number().meta({ description: 'Milliseconds since the epoch.' }),
  before: z.int().meta({ description: 'Documents that were written by then.' }),
  sources: z
    .array(z.object({ source: z.string(), expected: z.int(), computed: z.int(), written: z.int() }))
    .meta({ description: 'The first thousand.' }),
  builders: handedOutSchema.meta({ description: 'Who works on it beside the owner.' }),
});

/** How far the owner of a catalog is. */
const progressSchema = z.object({
  state: z.enum(['starting', 'idle', 'loading', 'writing', 'rebuilding', 'paused', 'stopped']),
  pause: z
    .object({
      code: z.string().meta({ description: 'Of the error catalogue, or `unexpected`.' }),
      reason: z.string(),
      remedy: z.string().optional(),
      since: z.number().meta({ description: 'Milliseconds since the epoch.' }),
    })
    .nullable()
    .meta({ description: 'Why nothing goes on; null where it does.' }),
  epoch: z.int(),
  generation: z.int().nullable().meta({ description: 'The one that serves; null while there is none.' }),
  layout: z
    .enum(['former', 'current', 'later'])
    .nullable()
    .meta({ description: "Of the generation that serves, beside that of the worker's code." }),
  shards: z
    .object({ serving: z.int(), wanted: z.int() })
    .nullable()
    .meta({ description: 'Of the indices that serve, and as the settings ask for.' }),
  rebuild: buildSchema.nullable().meta({ description: 'The build that goes on.' }),
  failure: z.string().nullable().meta({ description: 'Why the last run has not succeeded.' }),
  kept: z.array(z.int()).meta({ description: 'Former generations that are current; the last one first.' }),
  batchesLoaded: z.int().meta({ description: 'Since the process started.' }),
  documentsWritten: z.int().meta({ description: 'Since the process started; not those that were there as they are.' }),
  facts: catalogFactsSchema.optional().meta({ description: 'What decides whether all is well.' }),
});

/** What the store of a catalog holds. */
const censusSchema = z.object({
  batches: z.object({ staged: z.int(), stored: z.int() }),
  notifications: z.int().meta({ description: 'In stored batches.' }),
  bundles: z.object({ stored: z.int(), selected: z.int(), deletions: z.int() }),
  outbox: z.int().meta({ description: 'Documents that wait to be written.' }),
  sources: z
    .array(z.object({ id: z.string(), spec: z.string(), stored: z.int(), selected: z.int() }))
    .meta({ description: 'The first thousand.' }),
});

/** A catalog as its worker sees it; what its store holds is absent where that can't be counted. */
const catalogStatusSchema = progressSchema.extend(censusSchema.partial().shape).meta({ id: 'CatalogStatus' });

export const transformStatusSchema = z
  .object({
    stage: z.literal('transform'),
    shards: z
      .array(shardStatusSchema.extend({ catalog: z.string() }))
      .meta({ description: 'Of the stream of batches, for each catalog.' }),
    catalogs: z.record(z.string(), catalogStatusSchema),
  })
  .meta({ id: 'TransformStatus' });

/** How far the owner of a catalog is; in memory. */
export type CatalogProgress = Shown<z.output<typeof progressSchema>>;
/** What the store of a catalog holds. */
export type Census = Shown<z.output<typeof censusSchema>>;
export type CatalogStatus = Shown<z.output<typeof catalogStatusSchema>>;
export type TransformStatus = Shown<z.output<typeof transformStatusSchema>>;
