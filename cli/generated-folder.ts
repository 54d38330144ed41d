import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LazuliError } from '../core/config/errors.ts';
import { makeFolder } from '../core/config/folder.ts';
import type { BundleFqid } from '../core/model/bundle.ts';
import { type BundleGenerator, type GeneratorOptions, settle } from '../core/model/generator.ts';
import { metadataPlugin, type PluginsFrom } from '../plugins/registry.ts';
import { nameByDefault } from '../plugins/repository/canned/index-file.ts';
import { replaceFile } from './replace-file.ts';

const drsDomain = 'data.example';

/** A world of bundles. */
export interface World extends GeneratorOptions {
  /** name of the metadata plug-in that makes them up, and of the catalog; default: as of a folder that names none */
  readonly metadata?: string;
  /** folders where it may be, beside those of the clone, absolute */
  readonly plugins?: readonly string[];
}

/** What has been written so far. */
export interface Written {
  readonly bundles: number;
  readonly deletions: number;
  /** of the bundles' files together */
  readonly bytes: number;
}

/**
 * Writes a folder of canned bundles, as the repository plug-in `canned` reads it: a file each, then
 * `bundles.json`, which appears when all of them are there. Its `deletions` names the bundle
 * versions that are to be deleted after everything was added, in that order.
 *
 * @param progress called after each bundle
 * @throws LazuliError `usage` naming the option that is out of its range, or the plug-in that makes none up
 */
export async function writeBundles(
  folder: string,
  options: World,
  progress: (written: Written) => void = () => {},
): Promise<Written> {
  const { metadata = nameByDefault, plugins = [] } = options;
  const settled = settle(options);
  const generator = await generatorOf(metadata, { plugins });
  const sources = generator.sources(settled);
  const bundles: object[] = [];
  const deletions: object[] = [];
  let bytes = 0;
  makeFolder(folder);
  for (const { file, fqid, text, deleted } of generator.bundles(settled)) {
    await writeFile(join(folder, file), text);
    bytes += Buffer.byteLength(text);
    const named = nameOf(fqid, sources.length > 1);
    bundles.push({ file, ...named });
    if (deleted) deletions.push(named);
    progress({ bundles: bundles.length, deletions: deletions.length, bytes });
  }
  const origin = sources.length > 1 ? { sources } : { source: sources[0] };
  const index = {
    catalog: metadata,
    metadata,
    ...origin,
    drs_domain: drsDomain,
    bundles,
    deletions,
  };
  replaceFile(join(folder, 'bundles.json'), `${JSON.stringify(index, null, 1)}\n`);
  return { bundles: bundles.length, deletions: deletions.length, bytes };
}

async function generatorOf(metadata: string, from: PluginsFrom): Promise<BundleGenerator> {
  const { generator } = await metadataPlugin(metadata, from);
  if (generator !== undefined) return generator();
  throw new LazuliError('usage', `The metadata plug-in '${metadata}' makes no bundles up.`, {
    remedy:
      'Name one that has a generator, such as hca or anvil, or give a folder of bundles to `lazuli up --bundles`.',
  });
}

function nameOf({ uuid, version, source }: BundleFqid, severalSources: boolean): object {
  return severalSources ? { uuid, version, source } : { uuid, version };
}
