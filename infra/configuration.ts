import { z } from 'zod';
import { catalogSchema } from '../core/config/catalogs.ts';
import { keylessExportSettings } from '../core/config/export-settings.ts';
import { settingsSchema } from '../core/config/settings.ts';
import { type CpuUnits, cpuUnits } from './fargate.ts';

/** Names of stacks are names of deployments, shorter than the application allows so that AWS takes all names made of them. */
export const stackNamePattern = /^[a-z][a-z0-9]{1,15}$/;

/** A container on Fargate: CPU in units of 1/1024 of a core, memory in MiB. */
const size = (cpu: CpuUnits, memory: number) =>
  z
    .strictObject({
      cpu: z.literal(cpuUnits).default(cpu),
      memory: z.int().min(512).max(122_880).default(memory),
    })
    .prefault({});

const host = z.string().regex(/^(?=.{1,253}$)[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'a domain name in lower case');
const arn = (service: string) => z.string().startsWith(`arn:aws:${service}:`);
/** One that roles of stacks may read, by its name; encrypted by the account's own key for secrets. */
const secretArn = arn('secretsmanager').regex(
  /^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:lazuli\/[\w/+=.@-]+-\w{6}$/,
);
const percent = z.int().min(1).max(99);

const streams = z
  .strictObject({
    /** absent: on demand */
    shards: z.int().min(1).max(500).optional(),
    /** how far back `notifications` and `batches` can be read again */
    retentionHours: z.int().min(24).max(8760).default(168),
  })
  .prefault({});

const ownDomain = z.strictObject({
  version: z
    .string()
    .regex(/^OpenSearch_2\.\d+$/, 'OpenSearch_2.<minor>')
    .default('OpenSearch_2.19'),
  instanceType: z
    .string()
    .regex(/^[a-z0-9]+\.[a-z0-9]+\.search$/, '<type>.<size>.search')
    .default('r7g.large.search'),
  nodes: z.int().min(1).max(80).default(2),
  /** availability zones over which the nodes are spread; divides the nodes */
  zones: z.literal([1, 2, 3]).default(2),
  volumeGiB: z.int().min(10).max(3584).default(100),
  /** three, or none */
  dedicatedMasters: z.literal([0, 3]).default(0),
  dedicatedMasterType: z
    .string()
    .regex(/\.search$/)
    .default('m7g.large.search'),
  /** stacks that may share it, by name */
  tenants: z.array(z.string().regex(stackNamePattern)).max(50).default([]),
});

/** Another stack's domain, and its network, by the fully qualified name of that stack. */
const sharedDomain = z.strictObject({
  sharedWith: z.string().regex(/^[\w.-]+\/[\w.-]+\/[a-z0-9]+$/, '<organization>/<project>/<stack>'),
});

const roles = z
  .strictObject({
    indexer: z.strictObject({ size: size(256, 1024), tasks: z.int().min(1).max(20).default(1) }).prefault({}),
    ingest: z
      .strictObject({
        size: size(1024, 4096),
        /** for tables of the Terra Data Repository */
        volumeGiB: z.int().min(10).max(16_384).optional(),
        /** `process`: one task reads alone; `kcl`: tasks share the shards by the Kinesis Client Library */
        driver: z.enum(['process', 'kcl']).default('process'),
        /** that run with `kcl`, each a service of its own with its own name; without it the first alone runs */
        tasks: z.int().min(1).max(20).default(1),
        /** with `kcl`: whether the stream pushes records to these tasks alone, which costs extra */
        fanOut: z.boolean().default(false),
      })
      .prefault({}),
    /** one task for each catalog */
    transform: z
      .strictObject({ size: size(2048, 8192), volumeGiB: z.int().min(10).max(16_384).default(100) })
      .prefault({}),
    /** builders run while a build wants some, and no more of them than `maximum`; 0: owners build alone */
    builder: z
      .strictObject({
        size: size(2048, 8192),
        maximum: z.int().min(0).max(20).default(0),
        volumeGiB: z.int().min(10).max(16_384).default(100),
      })
      .prefault({}),
    /** each task has a disk of its own */
    export: z
      .strictObject({
        size: size(1024, 2048),
        tasks: z.int().min(1).max(100).default(1),
        volumeGiB: z.int().min(10).max(16_384).default(100),
        /** whether it reaches the internet; absent: where the image is in another registry than that of the region */
        web: z.boolean().optional(),
      })
      .prefault({}),
    query: z
      .strictObject({
        size: size(512, 2048),
        minimum: z.int().min(1).max(100).default(2),
        maximum: z.int().min(1).max(100).default(6),
        cpuPercent: percent.default(60),
        /** per task; more of them start another task */
        requestsPerMinute: z.int().min(60).default(3000),
      })
      .prefault({}),
  })
  .prefault({});

/**
 * Everything that a stack may set, as the object `lazuli:stack` of its file: the only source of
 * defaults and validation. Catalogs and limits are those of the application's settings.
 */
export const stackSchema = z.strictObject({
  /** guards against deploying to another account */
  account: z.string().regex(/^\d{12}$/, 'the 12 digits of an AWS account'),
  region: z
    .string()
    .regex(/^(?!cn-|us-gov-|us-iso)[a-z]{2}(-[a-z]+)+-\d$/, 'a region such as us-east-1, of the public partition')
    .default('us-east-1'),
  owner: z.email(),
  billing: z.string().min(1).max(256),
  /** pinned by digest, so that a rollback runs what ran before */
  image: z.string().regex(/^[\w.:/-]+@sha256:[0-9a-f]{64}$/, '<repository>@sha256:<64 hexadecimal digits>'),
  domain: z.strictObject({ zoneId: z.string().regex(/^Z[A-Z0-9]+$/), query: host, indexer: host }),
  network: z
    .strictObject({
      cidr: z
        .string()
        .regex(/^(?:\d{1,3}\.){2}0\.0\/16$/, 'an IPv4 range of 16 bits, such as 10.20.0.0/16')
        .default('10.20.0.0/16'),
      zones: z.literal([2, 3]).default(2),
      /** false: one for all zones */
      natPerZone: z.boolean().default(false),
    })
    .prefault({}),
  /** absent: the one that `infra/account` makes */
  permissionsBoundary: arn('iam').optional(),
  streams,
  storage: z
    .strictObject({
      noncurrentDays: z.int().min(1).max(3650).default(90),
      archiveDays: z.int().min(1).max(3650).default(365),
      /** between two copies of a store that has changed */
      copyMinutes: z.int().min(1).max(1440).default(30),
    })
    .prefault({}),
  search: z.union([sharedDomain, ownDomain]),
  catalogs: z.record(z.string(), catalogSchema),
  /** of the settings: folders and packages are those of the image */
  plugins: settingsSchema.shape.plugins,
  limits: settingsSchema.shape.limits,
  /** of the settings: who calls the service, and how people sign in */
  authentication: settingsSchema.shape.authentication,
  /** of the settings, but for the key, which the stack makes */
  exports: keylessExportSettings,
  /** numbers of the keys that sign notifications, which the stack makes: the one that signs, and another one that is valid too */
  hmacKey: z
    .strictObject({ current: z.int().min(1).default(1), other: z.int().min(1).optional() })
    .refine(({ current, other }) => current !== other, 'current and other are the same key')
    .prefault({}),
  /** secrets with the keys of service accounts for the Terra Data Repository, which somebody else made and fills */
  terra: z.strictObject({ indexer: secretArn, public: secretArn.optional() }).optional(),
  roles,
  /** requests of one address in five minutes */
  requestsPerAddress: z.int().min(10).max(2_000_000).default(1000),
  logDays: z.literal([30, 60, 90, 180, 365, 731]).default(180),
  monitoring: z.strictObject({ email: z.email(), alarms: z.boolean().default(true) }),
  budgetDollars: z.int().min(1),
  /** data can't be destroyed by `pulumi destroy`, and stays when it leaves the program */
  protect: z.boolean().default(true),
});

export type StackConfiguration = z.output<typeof stackSchema>;
export type OwnDomain = z.output<typeof ownDomain>;
