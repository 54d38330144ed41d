import { z } from 'zod';
import type { Shown } from '../http/operation.ts';

const typeForecastSchema = z.object({
  entityType: z.string(),
  before: z.int().meta({ description: 'Documents of the generation that serves.' }),
  after: z.int(),
  vanished: z.int(),
  lost: z.int().meta({
    description: 'Of those that vanish, those whose loss no addition or deletion on record explains.',
  }),
  appeared: z.int(),
  sources: z.record(z.string(), z.int()).meta({
    description: 'Documents that would be written, by source: the first thousand. One of several counts for each.',
  }),
});

/** What a build of a generation would do if it began now. */
export const forecastSchema = z
  .object({
    generation: z.int().nullable().meta({ description: 'The one that serves, with which it is compared.' }),
    documents: z.int().meta({ description: 'That would be written.' }),
    types: z.array(typeForecastSchema),
    sampled: z.object({ documents: z.int(), changed: z.int() }).nullable().meta({
      description: 'Documents of a sample, and how many of them would change in the index.',
    }),
  })
  .meta({ id: 'Forecast' });
export type Forecast = Shown<z.output<typeof forecastSchema>>;
