import * as pulumi from '@pulumi/pulumi';
import { LazuliError } from '../../core/config/errors.ts';
import { maxSettingsBytes, parseSettings, type SettingsInput } from '../../core/config/settings.ts';
import { transformStage } from '../../core/config/stages.ts';
import type { Setting } from '../component.ts';
import type { Resources } from '../resources.ts';
import { ports } from './roles.ts';

/** Where the disk of a worker is mounted. */
export const dataFolder = '/var/lib/lazuli';

/** Names under which tasks of a stack find each other. */
export const namespaceOf = (stack: string): string => `${stack}.lazuli.internal`;

/**
 * The application's settings for a stack, as JSON. They are parsed by the application's own schema, so that what a worker
 * would refuse stops the preview.
 */
export function settingsText(setting: Setting, resources: Resources): pulumi.Output<string> {
  const { streams, storage, archive, coordination, search, leases } = resources;
  const known: pulumi.Output<Known> = pulumi.output({
    search: search.endpoint,
    notifications: streams.notifications.name,
    batches: streams.batches.name,
    staging: storage.staging.bucket,
    deadLetters: storage.deadLetters.bucket,
    table: coordination.table.name,
    leases: leases?.shards.name,
    archive: { notifications: archive.notifications.name, deadLetters: archive.deadLetters.name },
  });
  return known.apply((names) => textOf(compose(setting, names)));
}

/**
 * The same for who reads no bundles: few enough for a variable, so that it needs to read nothing in AWS. ECS takes 64 KiB for
 * a whole task definition.
 */
export function settingsWithoutSources(setting: Setting, resources: Resources): pulumi.Output<string> {
  const catalogs = Object.entries(setting.stack.catalogs).map(([name, catalog]) => [name, { ...catalog, sources: [] }]);
  return settingsText({ ...setting, stack: { ...setting.stack, catalogs: Object.fromEntries(catalogs) } }, resources);
}

interface Known {
  readonly search: string;
  readonly notifications: string;
  readonly batches: string;
  readonly staging: string;
  readonly deadLetters: string;
  readonly table: string;
  readonly leases: string | undefined;
  readonly archive: { readonly notifications: string; readonly deadLetters: string };
}

function compose({ stack, names }: Setting, known: Known): SettingsInput {
  const { region, catalogs, plugins, limits, exports, authentication } = stack;
  const at = (role: string, port: number) => `http://${role}.${namespaceOf(names.stack)}:${port}`;
  const transforms = Object.keys(catalogs).map((name) => [name, at(transformStage(name), ports.transform)]);
  return {
    deployment: names.stack,
    folders: {
      staging: `${dataFolder}/staging`,
      state: `${dataFolder}/state`,
      deadLetters: `${dataFolder}/dead-letters`,
    },
    opensearch: { url: known.search },
    kinesis: { region, notifications: known.notifications, batches: known.batches, ...kclOf(stack, known) },
    s3: { region, staging: known.staging, deadLetters: known.deadLetters },
    dynamodb: { region, table: known.table },
    firehose: { region, ...known.archive },
    http: {
      host: '0.0.0.0',
      ...ports,
      callbacks: `https://${stack.domain.indexer}`,
      peers: {
        query: at('query', ports.query),
        indexer: at('indexer', ports.indexer),
        ingest: at('ingest', ports.ingest),
        transform: Object.fromEntries(transforms),
      },
    },
    copies: { minutes: stack.storage.copyMinutes },
    hmacKeyFile: '/run/secrets/hmac-key.json',
    plugins,
    catalogs,
    limits,
    exports,
    authentication,
  };
}

/** The name of the table of leases is that of the library's application. */
function kclOf({ roles }: Setting['stack'], { leases }: Known): Pick<NonNullable<SettingsInput['kinesis']>, 'kcl'> {
  return leases === undefined ? {} : { kcl: { application: leases, fanOut: roles.ingest.fanOut } };
}

function textOf(input: SettingsInput): string {
  parseSettings(input, 'settings of the workers');
  const text = JSON.stringify(input);
  if (Buffer.byteLength(text) <= maxSettingsBytes) return text;
  throw new LazuliError(
    'configuration_invalid',
    `lazuli:stack.catalogs: all settings may take ${maxSettingsBytes} bytes`,
    {
      remedy: 'Name fewer sources, or use two stacks.',
    },
  );
}
