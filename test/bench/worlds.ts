import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BundleFqid } from '../../core/model/bundle.ts';
import { type GeneratorOptions, settle } from '../../core/model/generator.ts';
import { generateBundles } from '../../plugins/metadata/hca/generator/generate.ts';
import { sourcesOf } from '../../plugins/metadata/hca/generator/plan.ts';
import { parseIndexFile } from '../../plugins/repository/canned/index-file.ts';

/**
 * Bundles to work on: generated ones; those of several worlds, of one after the other or of all in turns; the second
 * versions of generated ones; or copies of canned ones under new ids.
 */
export type World =
  | { readonly generated: GeneratorOptions }
  | { readonly worlds: readonly GeneratorOptions[]; readonly inTurns: boolean }
  | { readonly renewed: GeneratorOptions }
  | { readonly canned: { readonly folder: string; readonly copies: number } };

/** A bundle before it is parsed. */
export interface RawBundle {
  readonly fqid: BundleFqid;
  readonly text: string;
}

export function bundlesOf(world: World): Iterable<RawBundle> {
  if ('generated' in world) return generateBundles(world.generated);
  if ('canned' in world) return copies(world.canned);
  if ('renewed' in world) return secondVersions(world.renewed);
  return world.inTurns ? inTurns(world.worlds.map(generateBundles)) : oneAfterTheOther(world.worlds);
}

/** How many bundles a world has; of canned ones, in each copy, it isn't known. */
export function expectedBundles(world: World): number | null {
  if ('canned' in world) return null;
  if ('worlds' in world) return world.worlds.reduce((sum, { bundles }) => sum + bundles, 0);
  return ('generated' in world ? world.generated : world.renewed).bundles;
}

/** The id of the one source that generated bundles have. */
export function sourceOf(options: GeneratorOptions): string {
  const [source] = sourcesOf(settle({ ...options, sources: 1 }));
  if (source === undefined) throw new RangeError('There is no source');
  return source.id;
}

function* oneAfterTheOther(worlds: readonly GeneratorOptions[]): Generator<RawBundle> {
  for (const options of worlds) yield* generateBundles(options);
}

function* inTurns(worlds: readonly Iterator<RawBundle>[]): Generator<RawBundle> {
  for (let left = worlds; left.length > 0; ) {
    const next = left.map((bundles) => ({ bundles, result: bundles.next() }));
    for (const { result } of next) if (!result.done) yield result.value;
    left = next.flatMap(({ bundles, result }) => (result.done ? [] : [bundles]));
  }
}

function* secondVersions(options: GeneratorOptions): Generator<RawBundle> {
  let before: string | undefined;
  for (const bundle of generateBundles({ ...options, versions: 1 })) {
    if (bundle.fqid.uuid === before) yield bundle;
    before = bundle.fqid.uuid;
  }
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
