import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import type { Kind } from '../../../plugins/contract.ts';
import { isRefusal } from '../../../plugins/opening.ts';
import { loadFolder, type OutsidePlugin } from '../../../plugins/outside/load.ts';
import { metadataPlugin, refusedPlugins } from '../../../plugins/registry.ts';
import { type BundleFolder, readBundleFolder } from '../../up/bundle-folder.ts';
import { type DeclaredType, declaredTypes } from './declared.ts';
import type { Presented } from './documents.ts';
import { type Finding, Findings } from './finding.ts';
import { type Trial, tryBundles } from './trial.ts';

/** What is known of a folder of plug-ins. */
export interface CheckReport {
  /** absolute */
  readonly folder: string;
  readonly plugins: readonly CheckedPlugin[];
  readonly findings: readonly Finding[];
}

export interface CheckedPlugin {
  readonly kind: Kind;
  readonly name: string;
  /** of a metadata plug-in whose declarations are right */
  readonly metadata: CheckedMetadata | null;
}

interface CheckedMetadata {
  readonly version: number;
  readonly types: readonly CheckedType[];
  /** null without sample bundles */
  readonly samples: Omit<Trial, 'types'> | null;
}

/** An entity type with what sample bundles make of it. */
export interface CheckedType extends DeclaredType {
  readonly documents: number;
  /** null where there is none */
  readonly example: Presented | null;
}

const noTrial: Trial = { bundles: 0, staged: 0, rows: {}, types: new Map() };

/** Folders of sample bundles, by the metadata plug-in that reads them. */
type Samples = ReadonlyMap<string, BundleFolder>;

/**
 * Checks the plug-ins of a folder: that they can be loaded, what they declare, and what sample bundles come to.
 *
 * @param given folders of sample bundles; none: `bundles` in the folder, if it is there
 */
export async function checkFolder(folder: string, given: readonly string[]): Promise<CheckReport> {
  const findings = new Findings();
  const plugins = await loaded(folder, findings);
  const samples = samplesOf(folder, given, plugins, findings);
  const checked: CheckedPlugin[] = [];
  for (const one of plugins) {
    const { kind, name } = one;
    const plugin = kind === 'metadata' ? await declared(one) : null;
    checked.push({ kind, name, metadata: plugin && (await checkMetadata(plugin, samples.get(name), findings)) });
  }
  return { folder, plugins: checked, findings: findings.all };
}

/** What can't be loaded, or is refused, is a finding. */
async function loaded(folder: string, findings: Findings): Promise<readonly OutsidePlugin[]> {
  for (const error of await refusedPlugins({ plugins: [folder] })) findings.thrown(folder, error);
  return loadFolder(folder).catch((error: unknown) => {
    if (isRefusal(error)) return [];
    throw error;
  });
}

/** @returns null for one that is refused, which was found already */
async function declared({ name, folder, plugin }: OutsidePlugin): Promise<MetadataPlugin | null> {
  const found = await metadataPlugin(name, { plugins: [folder] }).catch((error: unknown) => {
    if (isRefusal(error)) return null;
    throw error;
  });
  // Of a name that is taken, it is another one.
  return found === plugin ? found : null;
}

function samplesOf(
  folder: string,
  given: readonly string[],
  plugins: readonly OutsidePlugin[],
  findings: Findings,
): Samples {
  const own = join(folder, 'bundles');
  const folders = given.length > 0 ? given : existsSync(join(own, 'bundles.json')) ? [own] : [];
  const names = plugins.flatMap(({ kind, name }) => (kind === 'metadata' ? [name] : []));
  const samples = new Map<string, BundleFolder>();
  for (const one of folders.map((path) => resolve(path))) {
    try {
      const bundles = readBundleFolder(one);
      if (names.includes(bundles.metadata)) samples.set(bundles.metadata, bundles);
      else if (plugins.length > 0)
        findings.error(
          join(one, 'bundles.json'),
          `its \`metadata\` is '${bundles.metadata}', which is no metadata plug-in of ${folder}`,
          names.length === 0 ? 'Check the folder that has it.' : `Choose one of: ${names.join(', ')}.`,
        );
    } catch (error) {
      findings.thrown(one, error);
    }
  }
  return samples;
}

async function checkMetadata(
  plugin: MetadataPlugin,
  samples: BundleFolder | undefined,
  findings: Findings,
): Promise<CheckedMetadata | null> {
  const { name, version } = plugin;
  if (samples === undefined)
    findings.warn(
      name,
      'there are no sample bundles: `normalize` was not tried',
      'Name a folder of them with --bundles.',
    );
  try {
    const declared = declaredTypes(plugin);
    const { types: tried, ...counts } = samples === undefined ? noTrial : await tryBundles(plugin, samples, findings);
    const types = declared.map((type) => ({ ...type, ...(tried.get(type.name) ?? { documents: 0, example: null }) }));
    return { version, types, samples: samples === undefined ? null : counts };
  } catch (error) {
    findings.thrown(name, error);
    return null;
  }
}
