import type { SourceRef } from '../../../../core/config/sources.ts';
import type { BundleFqid } from '../../../../core/model/bundle.ts';
import type { Settled } from '../../../../core/model/generator.ts';
import { Random } from '../../../../core/model/random.ts';
import { canonical, onDay } from './moments.ts';
import { allSpecies, type Organ, organs, type Species } from './vocabulary.ts';

/** A project to be: what it is about and how many bundles it has. */
export interface ProjectPlan {
  readonly seed: string;
  readonly index: number;
  readonly bundles: number;
  readonly kilobytes: number;
  readonly source: SourceRef;
  readonly species: Species;
  /** most of its specimens are of the first */
  readonly organs: readonly Organ[];
  /** milliseconds since the epoch */
  readonly submitted: number;
}

/** One version of a bundle to be, in one source. */
export interface BundlePlan {
  readonly project: ProjectPlan;
  /** of the bundle in its project, from 0 */
  readonly ordinal: number;
  /** 0, or 1 for a second version */
  readonly version: number;
  /** whether it repeats a bundle of another source */
  readonly copy: boolean;
  readonly fqid: BundleFqid;
  readonly deleted: boolean;
}

const mostBundlesOfSmallProject = 12;
const copiedShare = 0.1;

/** The sources in their order. */
export function sourcesOf({ seed, sources }: Settled): readonly SourceRef[] {
  return Array.from({ length: sources }, (_, i) => ({
    id: new Random(seed, 'source', i).uuid(),
    spec: `https://repository.example/v1/source-${i}:/0`,
  }));
}

/** The biggest project first; the others have from one to twelve bundles. */
export function* projectsOf(settled: Settled): Generator<ProjectPlan> {
  const sources = sourcesOf(settled);
  const biggest = Math.min(settled.bundles, Math.max(1, Math.round(settled.bundles * settled.skew)));
  let left = settled.bundles;
  for (let index = 0; left > 0; index++) {
    const random = new Random(settled.seed, 'project', index);
    const small = random.between(1, Math.min(biggest, mostBundlesOfSmallProject));
    const bundles = index === 0 ? biggest : Math.min(left, small);
    const source = sources[index % sources.length];
    if (source === undefined) throw new RangeError('There is no source');
    yield projectPlan(settled, index, bundles, source, random);
    left -= bundles;
  }
}

function projectPlan(settled: Settled, index: number, bundles: number, source: SourceRef, random: Random): ProjectPlan {
  const { seed, kilobytes } = settled;
  return {
    seed,
    index,
    bundles,
    kilobytes,
    source,
    species: index % 4 === 3 ? random.pick(allSpecies) : (allSpecies[0] ?? random.pick(allSpecies)),
    organs: random.some(organs, random.between(1, 3)),
    submitted: onDay(random.between(0, 1500), random.between(0, 80_000_000)),
  };
}

/** Every version of every bundle, those of one project together and versions in their order. */
export function* plansOf(settled: Settled): Generator<BundlePlan> {
  const sources = sourcesOf(settled);
  for (const project of projectsOf(settled)) {
    for (let ordinal = 0; ordinal < project.bundles; ordinal++)
      yield* plansOfBundle(settled, sources, project, ordinal);
  }
}

function* plansOfBundle(
  settled: Settled,
  sources: readonly SourceRef[],
  project: ProjectPlan,
  ordinal: number,
): Generator<BundlePlan> {
  const random = new Random(settled.seed, 'bundle', project.index, ordinal);
  const uuid = random.uuid();
  const versions = random.chance(settled.versions) ? 2 : 1;
  const deleted = random.chance(settled.deletions) ? random.between(0, versions - 1) : -1;
  const others = random.chance(copiedShare) ? sources.filter(({ id }) => id !== project.source.id) : [];
  const micros = random.between(0, 999);
  for (const source of [project.source, ...random.some(others, 1)]) {
    const copy = source !== project.source;
    for (let version = 0; version < versions; version++) {
      const moment = project.submitted + ordinal * 61_000 + version * 30 * 86_400_000;
      const fqid = { source, uuid, version: canonical(moment, micros) };
      yield { project, ordinal, version, copy, fqid, deleted: deleted === version && !copy };
    }
  }
}
