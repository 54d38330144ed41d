import { z } from 'zod';

/** How exports are made and kept, but for the key. Bytes as named. */
const making = z.strictObject({
  /** that a worker makes at a time */
  concurrentJobs: z.int().min(1).max(16).default(2),
  /** of DuckDB, for all jobs of a worker */
  memoryBytes: z
    .int()
    .min(64 * 2 ** 20)
    .default(256 * 2 ** 20),
  /** that may wait or be worked on, of everybody and of one caller */
  waitingJobs: z.int().min(1).default(1000),
  callerJobs: z.int().min(1).default(100),
  /** results are kept so long */
  resultDays: z.int().min(1).max(365).default(7),
  /** what a job may take of the disk while it is worked on */
  temporaryBytes: z
    .int()
    .min(1)
    .default(32 * 2 ** 30),
});

/** How exports are made and kept. */
export const exportSettings = z
  .strictObject({
    /** file whose text signs tokens and URLs; absent: one that is made in `folders.state` */
    keyFile: z.string().optional(),
    ...making.shape,
  })
  .prefault({});

/** The same where processes get the key in another way. */
export const keylessExportSettings = making.prefault({});
