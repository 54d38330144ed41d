import { z } from 'zod';

/** What commands that write to data stores know of them, by the URLs of their APIs. */
export const dataStoreSettings = z
  .record(
    z.url({ protocol: /^https?$/ }),
    z.strictObject({
      /** nothing is copied there unless somebody says so twice */
      protected: z.boolean().default(false),
      /** the bucket that has its blobs; absent: copies are made of what the store checks out */
      bucket: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/)
        .optional(),
      /** of the tokens that it takes; absent: what all stores of the Human Cell Atlas take */
      audience: z.string().min(1).optional(),
    }),
  )
  .default({});

export type DataStoreSettings = z.output<typeof dataStoreSettings>;
