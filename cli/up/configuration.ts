import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { changeOf } from '../../core/catalogs/changes.ts';
import { parseCatalogs } from '../../core/config/catalogs.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { makeFolder } from '../../core/config/folder.ts';
import { parseSettings, readSettings, type Settings, type SettingsInput } from '../../core/config/settings.ts';
import { openCatalogVersions } from '../../core/deployment/catalogs.ts';
import { freePorts, requireFree } from '../engines/ports.ts';
import { replaceFile } from '../replace-file.ts';
import type { BundleFolder } from './bundle-folder.ts';
import { catalogOf, rememberCatalogs, rememberedCatalogs, withChanges } from './catalogs.ts';
import type { Folders } from './folders.ts';

/** Options of `lazuli up`, beside the folder. */
export interface StackOptions {
  /** folders of plug-ins, absolute */
  readonly plugins: readonly string[];
  /** of the service; the indexer's endpoint takes the next one */
  readonly port: number;
  /** a running server of the user's own */
  readonly opensearchUrl: string | undefined;
  readonly kinesisUrl: string | undefined;
}

/** What the engines are reached by. */
export interface Endpoints {
  readonly opensearch: string;
  readonly kinesis: string;
}

/** The configuration that an earlier start left in the data folder, with the catalogs that count; or null. */
export async function earlierSettings({ config }: Folders): Promise<Settings | null> {
  if (!existsSync(config)) return null;
  const settings = readSettings(config);
  if (settings.catalogsFrom === undefined) return settings;
  const { version } = await (await openCatalogVersions(settings)).newest();
  return { ...settings, catalogs: { ...version?.catalogs } };
}

/** Folders of plug-ins: those of an earlier start, and new ones. */
export const pluginsOf = (plugins: readonly string[], earlier: Settings | null): string[] => [
  ...new Set([...(earlier?.plugins ?? []), ...plugins]),
];

/** @throws LazuliError `in_use`, `usage` */
export async function requirePorts(port: number): Promise<void> {
  if (port >= 65535) {
    throw new LazuliError('usage', `Port ${port} leaves none for the indexer's endpoint, which takes the next one.`, {
      remedy: 'Choose a smaller one with --port.',
    });
  }
  await requireFree(port, 'the service');
  await requireFree(port + 1, 'the indexer’s endpoint');
}

/**
 * The configuration of a local stack: limits and catalogs of an earlier start are kept, with what has changed in
 * folders of bundles since; ports and endpoints are those of now.
 *
 * @throws LazuliError `configuration_invalid`
 */
export async function composeSettings(
  folders: Folders,
  options: StackOptions,
  bundles: readonly BundleFolder[],
  endpoints: Endpoints,
): Promise<Settings> {
  const earlier = await earlierSettings(folders);
  const deployment = earlier?.deployment ?? deploymentName(folders, options);
  const catalogs = { ...earlier?.catalogs };
  const before = rememberedCatalogs(folders.catalogs);
  for (const folder of bundles) {
    const name = folder.catalog;
    catalogs[name] = withChanges(catalogOf(folder), before[name], catalogs[name]);
  }
  const [query, indexer] = [options.port, options.port + 1];
  const [ingest, transform, metrics, exporting] = await freePorts(4, [query, indexer]);
  const input: SettingsInput = {
    deployment,
    folders: {
      staging: folders.staging,
      state: folders.state,
      deadLetters: folders.deadLetters,
      exports: folders.exports,
    },
    opensearch: { url: endpoints.opensearch },
    kinesis: {
      ...earlier?.kinesis,
      endpoint: endpoints.kinesis,
      notifications: `lazuli-${deployment}-notifications`,
      batches: `lazuli-${deployment}-batches`,
    },
    http: {
      host: '127.0.0.1',
      query,
      indexer,
      ingest,
      transform,
      metrics,
      export: exporting,
    },
    hmacKeyFile: folders.hmacKey,
    plugins: pluginsOf(options.plugins, earlier),
    ...(earlier?.catalogsFrom === undefined ? { catalogs } : { catalogsFrom: earlier.catalogsFrom }),
    ...(earlier === null
      ? {}
      : { limits: earlier.limits, exports: earlier.exports, authentication: earlier.authentication }),
  };
  const settings = parseSettings(input, folders.config);
  return { ...settings, catalogs: { ...parseCatalogs(catalogs, folders.config) } };
}

/** Remembers the settings, and what the folders wanted, so that edits of folders and edits of the settings can be told apart. */
export async function writeSettings(
  { config, data, catalogs: remembered }: Folders,
  settings: Settings,
  bundles: readonly BundleFolder[],
): Promise<void> {
  makeFolder(data);
  const { catalogs, ...others } = settings;
  if (settings.catalogsFrom !== undefined) await putIfChanged(settings);
  const written = settings.catalogsFrom === undefined ? settings : others;
  replaceFile(config, `${JSON.stringify(written, null, 2)}\n`);
  rememberCatalogs(remembered, Object.fromEntries(bundles.map((folder) => [folder.catalog, catalogOf(folder)])));
}

/** What has changed in folders of bundles becomes a version of the catalogs. */
async function putIfChanged(settings: Settings): Promise<void> {
  const versions = await openCatalogVersions(settings);
  const newest = await versions.newest();
  const { added, removed, changed } = changeOf(newest.version?.catalogs ?? {}, settings.catalogs);
  if (added.length + removed.length + changed.length === 0) return;
  const note = { put: new Date().toISOString(), by: 'lazuli up', message: 'folders of bundles', restores: null };
  await versions.put(settings.catalogs, newest, note, 'folders of bundles');
}

/** Stacks that share a server must not share names. */
function deploymentName({ data }: Folders, { opensearchUrl, kinesisUrl }: StackOptions): string {
  if (opensearchUrl === undefined && kinesisUrl === undefined) return 'local';
  return `local${createHash('sha256').update(data).digest('hex').slice(0, 8)}`;
}
