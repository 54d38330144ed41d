import { z } from 'zod';
import type { Shown } from '../http/operation.ts';

const sumSchema = z.object({ documents: z.int(), hashes: z.number() });

const place = {
  entityType: z.string(),
  source: z.string(),
  from: z.string().meta({ description: 'Ids from this one on, below the next such bound.' }),
  store: sumSchema.meta({ description: 'What must be there.' }),
};

/** What a snapshot would have that has the base of the generation. */
const snapshotSchema = z.object({
  files: z.array(z.string()).meta({ description: 'Keys of files that are gone, or are not what was written.' }),
  differences: z
    .array(z.object({ ...place, snapshot: sumSchema }))
    .meta({ description: 'Of files that are what was written.' }),
});

const document = z.string().meta({ description: '`<entity type>/<entity id>`' });

/** The result of comparing a generation with the store; the first ones of all differences. */
export const verificationSchema = z
  .object({
    generation: z.int(),
    documents: z.int().meta({ description: 'That were counted; one of several sources counts for each.' }),
    recomputed: z.int().meta({ description: 'Documents that were computed again.' }),
    dead: z.int().meta({ description: "Documents that can't be written, by their dead letters: left out." }),
    differences: z.array(z.object({ ...place, index: sumSchema })),
    snapshot: snapshotSchema.meta({ description: 'Empty where the base of a later generation is published.' }),
    largest: z.array(z.object({ document, bundles: z.int(), by: z.enum(['reference', 'statements']) })),
    others: z
      .array(z.object({ document, path: z.string(), index: z.string(), expected: z.string() }))
      .meta({ description: 'Documents that differ in the index, with the first member that does.' }),
    mappings: z.array(z.string()).meta({ description: "`<entity type>: <path>` that isn't mapped as generated." }),
  })
  .meta({ id: 'Verification' });
export type Verification = Shown<z.output<typeof verificationSchema>>;
