import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateBundles } from '../../cli/generator/generate.ts';
import type { GeneratorOptions } from '../../cli/generator/options.ts';
import type { BundleFqid } from '../../plugins/metadata.ts';
import { parseIndexFile } from '../../plugins/repository/canned/index-file.ts';

/** Bundles to work on: generated ones, or copies of canned ones under new ids. */
export type World =
  | { readonly generated: GeneratorOptions }
  | { readonly canned: { readonly folder: string; readonly copies: number } };

/** A bundle before it is parsed. */
export interface RawBundle {
  readonly fqid: BundleFqid;
  readonly text: string;
}

export function bundlesOf(world: World): Iterable<RawBundle> {
  return 'generated' in world ? generateBundles(world.generated) : copies(world.canned);
}

const uuids = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** Each copy has ids of its own, and shares nothing with the others. */
function* copies({ folder, copies: count }: { folder: string; copies: number }): Generator<RawBundle> {
  const path = join(folder, 'bundles.json');
  const bundles = [...parseIndexFile(readFileSync(path, 'utf8'), path).bundles.values()];
  for (let copy = 0; copy < count; copy++) {
    const renamed = renaming(copy);
    for (const { file, uuid, version, source } of bundles) {
      const text = readFileSync(join(folder, file), 'utf8').replaceAll(uuids, renamed);
      yield { fqid: { source, uuid: renamed(uuid), version }, text };
    }
  }
}

function renaming(copy: number): (uuid: string) => string {
  const known = new Map<string, string>();
  return (uuid) => {
    const found = known.get(uuid) ?? uuidFrom(`${copy}/${uuid}`);
    known.set(uuid, found);
    return found;
  };
}

function uuidFrom(name: string): string {
  const hex = createHash('sha256').update(name).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `5${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
