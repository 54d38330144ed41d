import { tmpdir } from 'node:os';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { isUnheard } from '../../../../core/config/loopback.ts';

const gibi = 2 ** 30;
const path = z.string().refine(isAbsolute, 'must be an absolute path');

/** HTTPS, or plain HTTP on this machine. */
const url = z
  .string()
  .max(2048)
  .refine((text) => URL.canParse(text) && isSafe(new URL(text)), 'must be an https URL without credentials')
  .transform((text) => text.replace(/\/+$/, ''));

function isSafe(url: URL): boolean {
  const { username, password, search, hash } = url;
  return [username, password, search, hash].every((part) => part === '') && isUnheard(url);
}

/** Where snapshots are worked on, wherever they are. */
export const workSettings = z.strictObject({
  /** for tables and bundles of the snapshots that are read */
  scratch: path.default(tmpdir()),
  memoryBytes: z
    .int()
    .min(128 * 2 ** 20)
    .default(512 * 2 ** 20),
});

/** How tables are queried. */
const bigQuerySettings = z.strictObject({
  /** Google project that pays for queries, and owns their jobs */
  project: z.string().regex(/^[a-z][a-z0-9-]{4,61}[a-z0-9]$/, 'must be the id of a Google project'),
  endpoint: url.default('https://bigquery.googleapis.com'),
  /** `batch` waits for idle capacity */
  priority: z.enum(['interactive', 'batch']).default('interactive'),
  /** of one query: BigQuery refuses those that would read more */
  maximumBytesBilled: z
    .int()
    .min(10 * 2 ** 20)
    .default(2 ** 40),
  /** of on-demand queries, for estimates */
  dollarsPerTebibyte: z.number().min(0).max(1000).default(6.25),
  /** for one query, until its last row */
  querySeconds: z
    .int()
    .min(1)
    .max(6 * 3600)
    .default(3600),
  /** rows of an answer */
  pageRows: z.int().min(1).max(100_000).default(10_000),
});

/** Options of a catalog whose snapshots are in the Terra Data Repository itself. */
export const apiSettings = workSettings
  .extend({
    /** of the repository */
    api: url,
    /** keys of service accounts, as Google gives them, in files that are mounted */
    accounts: z.strictObject({
      indexer: path,
      /** stands for callers without credentials; absent: those see nothing */
      public: path.optional(),
    }),
    /** BigQuery location of the tables */
    location: z.string().min(1).max(64).default('us-central1'),
    tables: z.enum(['export', 'storage', 'bigquery']).default('export'),
    bigquery: bigQuerySettings.optional(),
    /** most bytes of all tables that are kept in `scratch`; a snapshot may have half of it in any case */
    scratchBytes: z
      .int()
      .min(gibi)
      .default(64 * gibi),
    services: z
      .strictObject({
        sam: url.default('https://sam.dsde-prod.broadinstitute.org'),
        /** absent: descriptions of datasets aren't asked for */
        duos: url.optional(),
        storage: url.default('https://storage.googleapis.com'),
        /** where service accounts get tokens */
        tokens: url.default('https://oauth2.googleapis.com/token'),
        /** of compact identifiers */
        registry: url.default('https://registry.api.identifiers.org'),
      })
      .prefault({}),
  })
  .refine(({ tables, bigquery }) => tables !== 'bigquery' || bigquery !== undefined, {
    path: ['bigquery'],
    message: 'is required where tables are read from BigQuery',
  });
export type ApiSettings = z.output<typeof apiSettings>;
