import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { parseSettings, type Settings, type SettingsInput } from '../../core/config/settings.ts';
import { leanFolder } from '../rigs/models/lean/plugin.ts';
import type { World } from './world.ts';

export const catalog = 'hca';

export interface PipelineOptions extends Pick<SettingsInput, 'limits' | 'copies'> {
  readonly world?: World;
  /** of the stream of notifications */
  readonly shards?: number;
  /** in place of the one that all tests share */
  readonly opensearch?: string;
  /** where ingest workers may share the stream by the Kinesis Client Library, in place of a proxy that can inject faults */
  readonly together?: SettingsInput['dynamodb'];
  /** of the transform worker, where others must find it again after a restart */
  readonly transformPort?: number;
  /** in place of folders of its own */
  readonly folders?: Partial<Settings['folders']>;
}

/** Small batches, so that there are several. */
const limits = { batchBundles: 8, batchMillis: 300, storeThreads: 1 };

/** Those of a pipeline in a folder of its own. */
export function settingsOf(
  { folder: bundles, plugin }: World,
  folder: string,
  urls: { readonly opensearch: string; readonly kinesis: string },
  options: PipelineOptions,
): Settings {
  const at = (name: string): string => join(folder, name);
  const name = `f${randomBytes(6).toString('hex')}`;
  const plugins = { metadata: { name: plugin.name }, repository: { name: 'canned', folder: bundles } };
  const input: SettingsInput = {
    deployment: name,
    plugins: [leanFolder],
    folders: { staging: at('staging'), state: at('state'), deadLetters: at('dead-letters'), ...options.folders },
    opensearch: { url: urls.opensearch },
    kinesis: { endpoint: urls.kinesis, kcl: { failoverMillis: 2_000, heap: 128 } },
    dynamodb: options.together,
    http: { query: 0, indexer: 0, ingest: 0, transform: options.transformPort ?? 0, builder: 0 },
    hmacKeyFile: at('hmac.json'),
    catalogs: { [catalog]: { atlas: 'hca', plugins, sources: [] } },
    copies: options.copies,
    limits: { ...limits, ...options.limits },
  };
  return parseSettings(input, 'the settings of a test');
}
