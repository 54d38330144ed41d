import { LazuliError } from '../config/errors.ts';
import type { SourceRef } from '../config/sources.ts';
import type { BundleFqid } from './bundle.ts';

/** What to generate. Equal options give equal bytes. */
export interface GeneratorOptions {
  readonly seed: string | number;
  /** different bundle ids; versions and copies in a second source come on top */
  readonly bundles: number;
  /** about so many KB a bundle; default 30 */
  readonly size?: 'small' | 'medium' | 'large' | number;
  /** share of the bundles that belong to the biggest project; 1: there is one project only; default 0.2 */
  readonly skew?: number;
  /** share of the bundles that have a second version; default 0.1 */
  readonly versions?: number;
  /** share of the bundles of which a version is deleted; default 0.05 */
  readonly deletions?: number;
  /** sources, each with projects of its own; some bundles of one are repeated in the next; default 1 */
  readonly sources?: number;
}

/** Options with nothing left out. */
export interface Settled {
  readonly seed: string;
  readonly bundles: number;
  readonly kilobytes: number;
  readonly skew: number;
  readonly versions: number;
  readonly deletions: number;
  readonly sources: number;
}

/** A version of a bundle with everything that a folder of canned bundles says about it. */
export interface GeneratedBundle {
  /** name of the file, unlike that of any other bundle of the world */
  readonly file: string;
  readonly fqid: BundleFqid;
  /** JSON, as the data model describes it */
  readonly text: string;
  /** whether this version is to be deleted afterwards */
  readonly deleted: boolean;
}

/** Makes up bundles of a data model. Equal options give equal bytes, whatever the machine. */
export interface BundleGenerator {
  /** in their order */
  readonly sources: (options: Settled) => readonly SourceRef[];
  /** Made one at a time: memory doesn't grow with their number. */
  readonly bundles: (options: Settled) => Iterable<GeneratedBundle>;
}

const kilobytes = { small: 16, medium: 30, large: 300 } as const;
const maxBundles = 10_000_000;
const maxKilobytes = 100_000;
const maxSources = 1000;

/** @throws LazuliError `usage` naming the option that is out of its range */
export function settle(options: GeneratorOptions): Settled {
  const { seed, bundles, size = 'medium', skew = 0.2, versions = 0.1, deletions = 0.05, sources = 1 } = options;
  return {
    seed: String(seed),
    bundles: whole('bundles', bundles, 0, maxBundles),
    kilobytes: typeof size === 'number' ? within('size', size, 1, maxKilobytes) : kilobytes[size],
    skew: within('skew', skew, 0, 1),
    versions: within('versions', versions, 0, 1),
    deletions: within('deletions', deletions, 0, 1),
    sources: whole('sources', sources, 1, maxSources),
  };
}

function whole(name: string, value: number, low: number, high: number): number {
  if (!Number.isInteger(value)) throw refused(name, value, `a whole number from ${low} to ${high}`);
  return within(name, value, low, high);
}

function within(name: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw refused(name, value, `a number from ${low} to ${high}`);
}

function refused(name: string, value: number, allowed: string): LazuliError {
  return new LazuliError('usage', `The generator's ${name} can't be ${value}`, { remedy: `Give ${allowed}.` });
}
