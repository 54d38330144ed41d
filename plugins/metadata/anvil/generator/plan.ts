import type { SourceRef } from '../../../../core/config/sources.ts';
import type { Settled } from '../../../../core/model/generator.ts';
import { Random } from '../../../../core/model/random.ts';

/** A snapshot to be: a source, which has one dataset. */
export interface Snapshot {
  readonly seed: string;
  readonly index: number;
  readonly source: SourceRef;
  readonly kilobytes: number;
  /** how many it has; each is the root of a bundle */
  readonly biosamples: number;
  readonly supplementaryFiles: number;
  /** whether its dataset is registered with DUOS */
  readonly isRegistered: boolean;
}

/** A bundle to be: of a biosample, of a supplementary file, or of the stub of the dataset; by the root's number in its snapshot. */
export interface BundlePlan {
  readonly snapshot: Snapshot;
  readonly root: 'biosample' | 'file' | 'dataset';
  readonly number: number;
  readonly deleted: boolean;
}

/** Of its bundles a snapshot has one for a supplementary file in so many. */
const bundlesPerFile = 10;
/** Snapshots of fewer bundles aren't registered. */
const leastRegistered = 3;

/** The sources in their order. */
export function sourcesOf({ seed, sources }: Settled): readonly SourceRef[] {
  return Array.from({ length: sources }, (_, i) => {
    const random = new Random(seed, 'snapshot', i);
    return { id: random.uuid(), spec: `tdr:bigquery:gcp:datarepo-${random.hex(4)}:ANVIL_example_${i}:/0` };
  });
}

/** Every bundle, those of one snapshot together. AnVIL has one version of each. */
export function* plansOf(settled: Settled): Generator<BundlePlan> {
  for (const snapshot of snapshotsOf(settled)) {
    const random = new Random(settled.seed, 'deletions', snapshot.index);
    const plan = (root: BundlePlan['root'], number: number): BundlePlan => {
      return { snapshot, root, number, deleted: random.chance(settled.deletions) };
    };
    for (let i = 0; i < snapshot.biosamples; i++) yield plan('biosample', i);
    for (let i = 0; i < snapshot.supplementaryFiles; i++) yield plan('file', i);
    if (snapshot.isRegistered) yield plan('dataset', 0);
  }
}

/** The first one has as large a share of the bundles as is wanted, the others have equal ones. */
function snapshotsOf(settled: Settled): readonly Snapshot[] {
  const { seed, kilobytes, bundles, skew } = settled;
  const sources = sourcesOf(settled);
  const others = sources.length - 1;
  const first = others === 0 ? bundles : Math.max(Math.round(bundles * skew), Math.ceil(bundles / sources.length));
  return sources.map((source, index) => {
    const rest = bundles - first;
    const own = index === 0 ? first : Math.floor((rest * index) / others) - Math.floor((rest * (index - 1)) / others);
    const isRegistered = index % 2 === 0 && own >= leastRegistered;
    const supplementaryFiles = Math.floor(own / bundlesPerFile);
    const biosamples = own - supplementaryFiles - Number(isRegistered);
    return { seed, index, source, kilobytes, biosamples, supplementaryFiles, isRegistered };
  });
}
