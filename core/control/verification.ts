import { z } from 'zod';
import type { Shown } from '../http/operation.ts';

const sumSchema = z.object({ documents: z.int(), hashes: z.number() });

const differenceSchema = z.object({
  entityType: z.string(),
  source: z.string(),
  from: z.string().meta({ description: 'Ids from this one on, below the next such bound.' }),
  store: sumSchema.meta({ description: 'What must be there.' }),
  index: sumSchema,
});

const document = z.string().meta({ description: '`<entity type>/<entity id>`' });

/** The result of comparing a generation with the store; the first ones of all differences. */
export const verificationSchema = z
  .object({
    generation: z.int(),
    documents: z.int().meta({ description: 'That were counted; one of several sources counts for each.' }),
    recomputed: z.int().meta({ description: 'Documents that were computed again.' }),
    dead: z.int().meta({ description: "Documents that can't be written, by their dead letters: left out." }),
    differences: z.array(differenceSchema),
    largest: z.array(z.object({ document, bundles: z.int(), by: z.enum(['reference', 'statements']) })),
    others: z
      .array(z.object({ document, path: z.string(), index: z.string(), expected: z.string() }))
      .meta({ description: 'Documents that differ in the index, with the first member that does.' }),
    mappings: z.array(z.string()).meta({ description: "`<entity type>: <path>` that isn't mapped as generated." }),
  })
  .meta({ id: 'Verification' });
export type Verification = Shown<z.output<typeof verificationSchema>>;
