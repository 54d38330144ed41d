import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GeneratedBundle, GeneratorOptions } from '../../core/model/generator.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { type GeneratedNotification, notifications } from '../rigs/hca/notifications.ts';
import { generateBundles } from '../rigs/models/generated.ts';
import { leanHca } from '../rigs/models/lean/plugin.ts';
import { cleanRun, type WorldBundle } from './clean.ts';
import type { Documents } from './indexed.ts';

/** Bundles in a folder, what is notified of them, and what the index must hold in the end. */
export interface World {
  readonly plugin: MetadataPlugin;
  /** as the repository plug-in `canned` reads it */
  readonly folder: string;
  readonly notifications: readonly GeneratedNotification[];
  /** the documents of a run in which nothing goes wrong; computed once */
  readonly expected: () => Promise<Documents>;
}

/** What the repository knows of every bundle. */
const drsDomain = 'data.example';

/** Enough for several batches, sources, shared entities, second versions and deletions; seconds to index. */
export const smallWorld: GeneratorOptions = {
  seed: 'faults',
  bundles: 12,
  size: 'small',
  skew: 0.4,
  versions: 0.3,
  deletions: 0.25,
  sources: 2,
};

const worlds = new Map<string, Promise<World>>();

/** The world of the generator with those options, notifications in its disorder. Made once. */
export function generatedWorld(options: GeneratorOptions = smallWorld, plugin = leanHca): Promise<World> {
  const key = JSON.stringify([options, plugin.name]);
  const found = worlds.get(key) ?? generate(options, plugin);
  worlds.set(key, found);
  return found;
}

async function generate(options: GeneratorOptions, plugin: MetadataPlugin): Promise<World> {
  return worldOf(generatedBundles(options), [...notifications(options)], { plugin });
}

export function generatedBundles(options: GeneratorOptions): readonly WorldBundle[] {
  return [...generateBundles(options)].map(({ fqid, text }: GeneratedBundle) => ({ fqid, bytes: Buffer.from(text) }));
}

/** Cuts the notifications of a world into so many parts, in their order. */
export function partsOf<T>(notifications: readonly T[], parts: number): readonly (readonly T[])[] {
  const size = Math.ceil(notifications.length / parts);
  return Array.from({ length: parts }, (_, i) => notifications.slice(i * size, (i + 1) * size));
}

interface WorldOptions {
  readonly plugin?: MetadataPlugin;
  readonly indexable?: readonly WorldBundle[];
}

/** @param options `indexable`: those of the bundles that a clean run indexes; all by default */
export async function worldOf(
  bundles: readonly WorldBundle[],
  notified: readonly GeneratedNotification[],
  { plugin = leanHca, indexable = bundles }: WorldOptions = {},
): Promise<World> {
  const folder = temporaryFolder('world');
  await fillRepository(folder, bundles);
  let expected: Promise<Documents> | undefined;
  return {
    plugin,
    folder,
    notifications: notified,
    expected: () => {
      const deleted = notified.filter(({ action }) => action === 'delete').map(({ fqid }) => fqid);
      expected ??= cleanRun(plugin, indexable, deleted, { drs_domain: drsDomain });
      return expected;
    },
  };
}

/** Makes a folder a repository that has those bundles and no others. */
export async function fillRepository(folder: string, bundles: readonly WorldBundle[]): Promise<void> {
  await mkdir(join(folder, 'bundles'), { recursive: true });
  const entries = bundles.map(({ fqid: { uuid, version, source } }) => ({
    file: `bundles/${source.id}.${uuid}.${version}.json`,
    uuid,
    version,
    source,
  }));
  for (const [i, { bytes }] of bundles.entries()) await writeFile(join(folder, entries[i]?.file ?? ''), bytes);
  const index = JSON.stringify({ drs_domain: drsDomain, bundles: entries });
  // A worker may read it at any time.
  await writeFile(join(folder, 'bundles.json.new'), index);
  await rename(join(folder, 'bundles.json.new'), join(folder, 'bundles.json'));
}

const folders: string[] = [];
process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that goes away with this process. */
export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `lazuli-${name}-`));
  folders.push(folder);
  return folder;
}
