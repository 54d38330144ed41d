import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from '../../../cli/engines/ports.ts';
import { type SettingsInput, settingsSchema } from '../../../core/config/settings.ts';
import { catalog } from '../staging.ts';
import type { Bench } from './section.ts';

/** Documents that are published, of so many files. */
export interface PublishedFiles {
  readonly files: number;
  /** folder of staged batches */
  readonly staging: string;
  readonly settings: SettingsInput;
}

/** What all measurements of the section work with. */
export interface ExportsRig {
  readonly bench: Bench;
  /** ids */
  readonly sources: readonly string[];
  /** the smallest first */
  readonly published: readonly PublishedFiles[];
}

/** That are made at a time while requests are answered. */
export const concurrentJobs = 4;

/** What a job may take in DuckDB, if two are made at a time, as is usual. */
export const jobMemoryBytes = settingsSchema.shape.exports.parse(undefined).memoryBytes / 2;

/** A deployment whose repository has sources and no bundles: nothing is fetched. */
export async function settingsOf(folder: string, staging: string, sources: readonly string[]): Promise<SettingsInput> {
  const bundles = join(folder, 'canned');
  mkdirSync(bundles, { recursive: true });
  const known = sources.map((id) => ({ id, spec: id }));
  writeFileSync(join(bundles, 'bundles.json'), JSON.stringify({ sources: known, bundles: [] }));
  const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder: bundles } };
  return {
    folders: {
      staging,
      state: join(folder, 'state'),
      deadLetters: join(folder, 'letters'),
      exports: join(folder, 'results'),
    },
    opensearch: { url: 'http://127.0.0.1:1' },
    kinesis: { endpoint: 'http://127.0.0.1:1' },
    http: { export: await freePort() },
    hmacKeyFile: join(folder, 'nosuch'),
    catalogs: { [catalog]: { atlas: 'hca', plugins, sources: [] } },
    exports: { waitingJobs: 100_000, callerJobs: 100_000 },
  };
}
