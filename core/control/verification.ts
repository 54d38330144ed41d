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

const otherSchema = z.object({ document, path: z.string(), index: z.string(), expected: z.string() });

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
      .array(otherSchema)
      .meta({ description: 'Documents that differ in the index, with the first member that does.' }),
    mappings: z.array(z.string()).meta({ description: "`<entity type>: <path>` that isn't mapped as generated." }),
  })
  .meta({ id: 'Verification' });
export type Verification = Shown<z.output<typeof verificationSchema>>;

/** A document, after which a walk through all of them goes on. */
export const documentPlaceSchema = z.strictObject({ entityType: z.string(), entityId: z.string() });
export type DocumentPlace = Shown<z.output<typeof documentPlaceSchema>>;

/** The result of comparing some documents of a generation, byte by byte, with what was written. */
export const documentsCheckSchema = z
  .object({
    generation: z.int(),
    expected: z.int().meta({ description: 'Documents that the generation must have, in all.' }),
    checked: z.int().meta({ description: 'Documents that were compared.' }),
    next: documentPlaceSchema.nullable().meta({ description: 'After which the next ones come; null after the last.' }),
    others: z.array(otherSchema).meta({ description: 'Documents that are not what was written.' }),
  })
  .meta({ id: 'DocumentsCheck' });
export type DocumentsCheck = Shown<z.output<typeof documentsCheckSchema>>;
