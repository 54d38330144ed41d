import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { catalogSchema, checkCatalogs } from './catalogs.ts';
import { dataStoreSettings } from './data-stores.ts';
import { LazuliError } from './errors.ts';
import { exportSettings } from './export-settings.ts';
import { shownIssues } from './issues.ts';
import { pluginFolder, pluginPlaces } from './plugin-places.ts';
import { deploymentPattern } from './search-names.ts';
import { jsonTextOf, wholeJson } from './text.ts';

/** Limit of all settings as JSON: several times what catalogs with the most sources allowed need. */
export const maxSettingsBytes = 32 * 2 ** 20;

const port = z.int().min(0).max(65535);
const region = z.string().default('us-east-1');
const bucket = z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/);

/**
 * Everything that a process of Lazuli needs to know, in one file: the only source of defaults and
 * of validation. `lazuli up` writes it to `<data folder>/lazuli.json`; a deployment writes its own.
 * Folders are absolute paths. Bytes, rows and milliseconds as named.
 */
export const settingsSchema = z.strictObject({
  /** `[a-z][a-z0-9]{1,16}`: names indices and streams (specification, indexing 2.4). */
  deployment: z.string().regex(deploymentPattern).default('local'),
  folders: z.strictObject({
    /** immutable Parquet batches and their manifests */
    staging: z.string(),
    /** columnar stores, checkpoints, spill: local to a worker */
    state: z.string(),
    deadLetters: z.string(),
    /** finished exports, shared by their workers and the service; absent: beside the staged batches */
    exports: z.string().optional(),
  }),
  opensearch: z.strictObject({ url: z.url() }),
  kinesis: z.strictObject({
    /** absent: the SDK's own resolution (AWS_ENDPOINT_URL_KINESIS, the region's endpoint) */
    endpoint: z.url().optional(),
    region,
    notifications: z.string().default('lazuli-notifications'),
    batches: z.string().default('lazuli-batches'),
    /** where ingest workers share the notifications by the Kinesis Client Library */
    kcl: z
      .strictObject({
        /** names the table of its leases; default: `lazuli-<deployment>-ingest` */
        application: z
          .string()
          .regex(/^[\w.-]{3,200}$/)
          .optional(),
        /** milliseconds without a sign of life after which a worker's shards go to others */
        failoverMillis: z.int().min(1_000).max(600_000).default(10_000),
        /** whether the stream pushes records to it alone, which costs extra */
        fanOut: z.boolean().default(false),
        /** MiB of memory for its Java */
        heap: z.int().min(64).max(16_384).default(256),
      })
      .prefault({}),
  }),
  /** absent: `folders` hold staged batches and dead letters; else `folders.staging` mirrors staged files that are read */
  s3: z
    .strictObject({
      endpoint: z.url().optional(),
      region,
      staging: bucket,
      deadLetters: bucket,
    })
    .optional(),
  /** absent: checkpoints are files in `folders.state`, epochs and records of runs beside staged batches */
  dynamodb: z.strictObject({ endpoint: z.url().optional(), region, table: z.string().min(3) }).optional(),
  /** absent: stores aren't copied to where staged batches are, nor restored from there */
  copies: z
    .strictObject({
      /** between two copies of a store that has changed */
      minutes: z.int().min(1).default(30),
      kept: z.int().min(1).max(10).default(2),
    })
    .optional(),
  /** absent: notifications and headers of dead letters are not archived */
  firehose: z
    .strictObject({
      endpoint: z.url().optional(),
      region,
      notifications: z.string().min(1),
      deadLetters: z.string().min(1),
    })
    .optional(),
  http: z.strictObject({
    host: z.string().default('127.0.0.1'),
    query: port.default(8000),
    indexer: port.default(8001),
    /** control endpoints of the workers: status, reindex, redrive */
    ingest: port.default(8002),
    transform: port.default(8003),
    /** metrics of the service, for operators */
    metrics: port.default(8004),
    /** metrics of the export worker, for operators */
    export: port.default(8005),
    /** metrics of builders, for operators; 0: any free one */
    builder: port.default(8006),
    /** where others reach the indexer: data stores post their callbacks below it; absent: as the other processes do */
    callbacks: z.url().optional(),
    /** where the other processes of the deployment are; absent: on this host, at the ports above */
    peers: z
      .strictObject({
        query: z.url(),
        indexer: z.url(),
        ingest: z.url(),
        /** by catalog */
        transform: z.record(z.string(), z.url()),
      })
      .optional(),
  }),
  /** file with `{"key": …, "key_id": …}`, readable by its owner only */
  hmacKeyFile: z.string(),
  /** where plug-ins are that the clone doesn't have: folders or npm packages */
  plugins: pluginPlaces,
  /** what callers take home */
  exports: exportSettings,
  /** the plug-in that finds out who calls the service, with its options beside `name` */
  authentication: z.looseObject({ name: z.string().min(1).default('anonymous') }).prefault({}),
  catalogs: z.record(z.string(), catalogSchema).prefault({}),
  /** in the place of `catalogs`: they are those of the newest version that `lazuli catalogs put` has put beside the staged batches */
  catalogsFrom: z.literal('staging').optional(),
  /** what is known of data stores between which bundles are copied */
  dataStores: dataStoreSettings,
  limits: z
    .strictObject({
      batchRows: z.int().min(1).default(200_000),
      batchBundles: z.int().min(1).max(1000).default(512),
      batchBytes: z
        .int()
        .min(1)
        .default(64 * 2 ** 20),
      batchMillis: z.int().min(1).default(1000),
      bundleBytes: z
        .int()
        .min(1)
        .default(256 * 2 ** 20),
      documentBytes: z
        .int()
        .min(1)
        .default(32 * 2 ** 20),
      bulkBytes: z
        .int()
        .min(1)
        .default(8 * 2 ** 20),
      bulkConcurrency: z.int().min(1).max(64).default(2),
      /** links from documents to bundles in a part of a build: about as many documents */
      bucketLinks: z.int().min(8).default(4000),
      /** former generations that stay current, to go back to */
      keptGenerations: z.int().min(0).max(3).default(1),
      storeMemoryBytes: z
        .int()
        .min(64 * 2 ** 20)
        .default(256 * 2 ** 20),
      storeThreads: z.int().min(1).default(2),
      requestBytes: z
        .int()
        .min(1)
        .default(1 * 2 ** 20),
      /** how long the signature of a request is good, and its answer remembered */
      signatureMillis: z
        .int()
        .min(1000)
        .max(24 * 60 * 60 * 1000)
        .default(15 * 60 * 1000),
      urlBytes: z
        .int()
        .min(1)
        .default(64 * 2 ** 10),
      facetCacheBytes: z
        .int()
        .min(0)
        .default(64 * 2 ** 20),
      /** requests that search at a time, by each process of the service */
      searchesAtOnce: z.int().min(1).max(1000).default(8),
      /** requests that wait for their turn to search; more are refused */
      searchesWaiting: z.int().min(0).max(10_000).default(192),
      /** for which they wait at most */
      searchWaitMillis: z.int().min(1).default(10_000),
    })
    .prefault({}),
});

export type Settings = z.output<typeof settingsSchema>;
export type SettingsInput = z.input<typeof settingsSchema>;

/** @throws LazuliError `configuration_invalid`, naming every member that is wrong */
export function parseSettings(input: unknown, origin: string): Settings {
  const result = settingsSchema.safeParse(input);
  if (!result.success) {
    throw new LazuliError('configuration_invalid', `${origin}: ${shownIssues(result.error)}`, {
      remedy: 'Correct the members named above.',
    });
  }
  checkWhence(result.data, origin);
  return result.data;
}

/** They are in one place only: whoever edits those in the other one would wonder. */
function checkWhence({ catalogs, catalogsFrom }: Settings, origin: string): void {
  if (catalogsFrom === undefined) {
    checkCatalogs(catalogs, origin);
    return;
  }
  if (Object.keys(catalogs).length === 0) return;
  throw new LazuliError('configuration_invalid', `${origin}: it has both \`catalogs\` and \`catalogsFrom\``, {
    remedy: 'Put them with `lazuli catalogs put`, and take them out here; or take `catalogsFrom` out.',
  });
}

/**
 * Settings whose plug-ins are absolute paths.
 *
 * @param base folder that paths in them are relative to
 */
export function withPluginFolders(settings: Settings, base: string): Settings {
  return { ...settings, plugins: settings.plugins.map((place) => pluginFolder(place, base)) };
}

/** @throws LazuliError `configuration_invalid` when the file can't be read, is no JSON or is wrong */
export function readSettings(file: string): Settings {
  let input: unknown;
  try {
    input = wholeJson(jsonTextOf(readFileSync(file)));
  } catch (cause) {
    throw new LazuliError('configuration_invalid', `${file}: ${(cause as Error).message}`, {
      remedy: 'Name a configuration file with --config, or start a local stack with `lazuli up`.',
      cause,
    });
  }
  return withPluginFolders(parseSettings(input, file), dirname(resolve(file)));
}
