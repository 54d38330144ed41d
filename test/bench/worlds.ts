import type { BundleFqid } from '../../core/model/bundle.ts';
import { type GeneratorOptions, settle } from '../../core/model/generator.ts';
import { sourcesOf } from '../../plugins/metadata/hca/generator/plan.ts';
import { generateBundles } from '../rigs/models/generated.ts';

/**
 * Bundles to work on: generated ones; those of several worlds, of one after the other or of all in turns; or the second
 * versions of generated ones.
 */
export type World =
  | { readonly generated: GeneratorOptions }
  | { readonly worlds: readonly GeneratorOptions[]; readonly inTurns: boolean }
  | { readonly renewed: GeneratorOptions };

/** A bundle before it is parsed. */
export interface RawBundle {
  readonly fqid: BundleFqid;
  readonly text: string;
}

export function bundlesOf(world: World): Iterable<RawBundle> {
  if ('generated' in world) return generateBundles(world.generated);
  if ('renewed' in world) return secondVersions(world.renewed);
  return world.inTurns ? inTurns(world.worlds.map(generateBundles)) : oneAfterTheOther(world.worlds);
}

/** How many bundles a world has. */
export function expectedBundles(world: World): number {
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
