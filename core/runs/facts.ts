import { z } from 'zod';

/** What is staged, beside what is there. */
const stagedFactsSchema = z.object({
  files: z
    .object({ number: z.int().min(0), first: z.string().nullable() })
    .meta({ description: 'Staged files that manifests name and that are gone: how many, and one of them.' }),
  missing: z.int().min(0).meta({ description: 'Bundle versions that are staged and not in the store.' }),
  unreadable: z.string().nullable().meta({ description: 'Why that can not be told; null where it can.' }),
});
export type StagedFacts = z.output<typeof stagedFactsSchema>;

/** What the owner of a catalog knows of it, as far as it decides whether all is well. */
export const catalogFactsSchema = z.object({
  generation: z.int().nullable().meta({ description: 'The one that serves; null where none does.' }),
  isCurrent: z.boolean().meta({ description: 'Whether it gets what is loaded.' }),
  isBuilding: z.boolean().meta({ description: 'Whether another one is being built.' }),
  absent: z
    .array(z.string())
    .readonly()
    .meta({ description: 'Entity types whose index is gone, of the one that serves.' }),
  unconfirmed: z
    .object({ run: z.string(), reason: z.string() })
    .nullable()
    .meta({ description: 'The run that waits for an operator.' }),
  staged: stagedFactsSchema.nullable().meta({ description: 'As of the last look; null before the first.' }),
});
export type CatalogFacts = z.output<typeof catalogFactsSchema>;
