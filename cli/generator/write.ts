import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../core/config/folder.ts';
import type { BundleFqid } from '../../core/model/metadata.ts';
import { generateBundles } from './generate.ts';
import { type GeneratorOptions, settle } from './options.ts';
import { sourcesOf } from './plan.ts';

/** For which generated folders are made. */
const catalog = 'hca';
const drsDomain = 'data.example';

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
 * @throws LazuliError `usage` naming the option that is out of its range
 */
export async function writeBundles(
  folder: string,
  options: GeneratorOptions,
  progress: (written: Written) => void = () => {},
): Promise<Written> {
  const sources = sourcesOf(settle(options));
  const bundles: object[] = [];
  const deletions: object[] = [];
  let bytes = 0;
  makeFolder(folder);
  for (const { file, fqid, text, deleted } of generateBundles(options)) {
    await writeFile(join(folder, file), text);
    bytes += Buffer.byteLength(text);
    const named = nameOf(fqid, sources.length > 1);
    bundles.push({ file, ...named });
    if (deleted) deletions.push(named);
    progress({ bundles: bundles.length, deletions: deletions.length, bytes });
  }
  const origin = sources.length > 1 ? { sources } : { source: sources[0] };
  await replace(join(folder, 'bundles.json'), {
    catalog,
    ...origin,
    drs_domain: drsDomain,
    bundles,
    deletions,
  });
  return { bundles: bundles.length, deletions: deletions.length, bytes };
}

function nameOf({ uuid, version, source }: BundleFqid, severalSources: boolean): object {
  return severalSources ? { uuid, version, source } : { uuid, version };
}

async function replace(path: string, value: object): Promise<void> {
  await writeFile(`${path}.part`, `${JSON.stringify(value, null, 1)}\n`);
  await rename(`${path}.part`, path);
}
