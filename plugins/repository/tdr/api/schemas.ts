import { z } from 'zod';
import { uuidSchema } from '../../../../core/config/identities.ts';

const text = z.string().max(4096);
const name = z.string().min(1).max(511);

/** Where something of a snapshot is stored. */
const storage = z.object({ region: text.nullish(), cloudResource: text.nullish() });

/** A snapshot in a list (specification, tdr 2.1). */
export const itemSchema = z.object({
  id: uuidSchema,
  name,
  dataProject: text.nullish(),
  storage: z.array(storage).max(100).nullish(),
});
export type SnapshotItem = z.output<typeof itemSchema>;

export const pageSchema = z.object({
  filteredTotal: z.int().min(0),
  items: z.array(itemSchema).max(1000),
});

export const roleMapSchema = z.object({ roleMap: z.record(uuidSchema, z.array(text).max(100)) });

/** A snapshot by its id. Each member is there where it was asked for. */
export const snapshotSchema = z.object({
  id: uuidSchema,
  name,
  tables: z
    .array(z.object({ name: z.string().max(63), rowCount: z.int().min(0).nullish() }))
    .max(1000)
    .nullish(),
  duosFirecloudGroup: z.object({ duosId: text.nullish() }).nullish(),
});

/** Some rows of a table: what every table has. */
export const rowsSchema = z.object({ result: z.array(z.object({ datarepo_row_id: uuidSchema })).max(1000) });

/** A study of DUOS (specification, tdr 4.4). */
export const studySchema = z.object({ studyDescription: z.string().max(1_000_000).nullish() });

const jobId = z.string().regex(/^[\w-]{1,100}$/);
/** A job that runs, or has ended (specification, tdr 2.2). */
export const jobSchema = z.object({ id: jobId, job_status: z.enum(['running', 'succeeded', 'failed']) });

/** What an export came to. */
export const exportSchema = z.object({
  snapshot: z.object({ id: uuidSchema }),
  format: z.object({
    parquet: z.object({
      location: z.object({
        tables: z
          .array(
            z.object({
              name: z.string().regex(/^\w{1,63}$/),
              paths: z.array(z.string().max(8192)).min(1).max(100_000),
            }),
          )
          .max(1000),
      }),
    }),
  }),
});
export type ExportedTables = z.output<typeof exportSchema>['format']['parquet']['location']['tables'];
