import type { GeneratorOptions } from '../../core/model/generator.ts';
import { defaultLimits } from '../rigs/default-limits.ts';
import type { Site } from './report/extrapolation.ts';

/** What each section works on. All sizes, seeds and numbers of repetitions stand here. */
export interface Sizes {
  readonly rebuild: { readonly world: GeneratorOptions; readonly pairs: number };
  /** rounds: of one builder and two, with output thrown away and into OpenSearch */
  readonly builders: { readonly world: GeneratorOptions; readonly rounds: number };
  readonly ingest: {
    readonly world: GeneratorOptions;
    readonly rounds: number;
    /** rounds that don't count, in which code is compiled */
    readonly warmUp: number;
  };
  readonly scale: {
    /** numbers of bundles, each ten times the one before */
    readonly bundles: readonly number[];
    readonly skews: readonly number[];
    /** the smallest size is measured so often: it is over so fast that noise matters */
    readonly repeats: number;
  };
  readonly incremental: {
    /** there at first; one is added, one replaced and one removed in each round: 5 % of sixty */
    readonly sources: number;
    readonly bundlesOfSource: number;
    /** rounds in which code is compiled; they don't count */
    readonly warmUp: number;
    readonly rounds: number;
  };
  /** staged in a bucket and in a folder, loaded on an empty machine */
  readonly empty: { readonly world: GeneratorOptions };
  readonly latency: {
    /** bundles that are there before */
    readonly background: GeneratorOptions;
    readonly notifications: number;
    readonly hot: GeneratorOptions;
    readonly hotNotifications: number;
    /** bundles of the hot project that are sent at a time, to measure one more under load */
    readonly hotLoad: number;
  };
  readonly search: {
    /** fourteen files a bundle: 100,000 of them */
    readonly world: GeneratorOptions;
    readonly rounds: number;
    /** rounds that don't count, in which code is compiled */
    readonly warmUp: number;
    readonly clients: number;
    /** for which the clients ask */
    readonly seconds: number;
  };
  readonly exports: {
    /** of which everything is a copy */
    readonly world: GeneratorOptions;
    /** numbers of files: how memory depends on them; ratios are those of the last one */
    readonly files: readonly number[];
    /** of each ratio */
    readonly rounds: number;
    /** requests for exports, and searches with and without one */
    readonly requests: number;
  };
  /** numbers of bundles of a snapshot */
  readonly snapshots: { readonly bundles: readonly number[] };
  readonly signIn: {
    readonly tokens: number;
    /** requests of each, when it is known */
    readonly times: number;
    /** as many other tokens, so often */
    readonly more: number;
  };
  /** the same notifications for so many minutes */
  readonly soak: { readonly world: GeneratorOptions; readonly minutes: number };
  readonly profile: { readonly world: GeneratorOptions };
}

export type Size = 'quick' | 'normal' | 'full';

/** Additions only: what a deletion saves would blur what an addition costs. */
const plain = { versions: 0, deletions: 0 } as const;

const world = (seed: string, bundles: number, rest: Partial<GeneratorOptions> = {}): GeneratorOptions => ({
  seed: `bench-${seed}`,
  bundles,
  ...plain,
  ...rest,
});

/** The world of the section `scale`: small bundles, so that there can be many. */
export const scaleWorld = (bundles: number, skew: number): GeneratorOptions =>
  world('scale', bundles, { size: 'small', skew });

/** Bundles of 30 KB on 8 cores and three nodes of a search cluster; in one catalog as things are, and were it several. */
export const extrapolationSites: readonly Site[] = [
  { catalogs: 1, workerCores: 8, coresOfNode: 8, replicas: 0 },
  { catalogs: 1, workerCores: 8, coresOfNode: 8, replicas: 1 },
  { catalogs: 1, workerCores: 2, coresOfNode: 2, replicas: 1 },
  { catalogs: 4, workerCores: 8, coresOfNode: 8, replicas: 1 },
].map((site) => ({ ...site, bundles: 1_500_000, nodes: 3, bulkConcurrency: defaultLimits.bulkConcurrency }));

/** A source of the section `incremental`. */
export const incrementalWorld = (bundles: number, i: number): GeneratorOptions => world(`source-${i}`, bundles);

/** By size: about two minutes, at most half an hour, some hours. */
export const sizes: Readonly<Record<Size, Sizes>> = {
  quick: {
    rebuild: { world: world('rebuild', 200), pairs: 2 },
    builders: { world: world('builders', 1200), rounds: 1 },
    ingest: { world: world('ingest', 256), rounds: 3, warmUp: 1 },
    scale: { bundles: [100, 1000], skews: [0.2], repeats: 1 },
    incremental: { sources: 60, bundlesOfSource: 6, warmUp: 1, rounds: 1 },
    empty: { world: world('empty', 300) },
    latency: {
      background: world('latency', 60),
      notifications: 5,
      hot: world('hot', 200, { size: 'small', skew: 1 }),
      hotNotifications: 3,
      hotLoad: 20,
    },
    search: { world: world('search', 250), rounds: 20, warmUp: 20, clients: 20, seconds: 5 },
    exports: { world: world('exports', 150), files: [2_000, 8_000], rounds: 1, requests: 300 },
    snapshots: { bundles: [1000, 5000] },
    signIn: { tokens: 1_000, times: 10, more: 2 },
    soak: { world: world('soak', 60, { size: 'small' }), minutes: 1 },
    profile: { world: world('profile', 200) },
  },
  normal: {
    rebuild: { world: world('rebuild', 3000), pairs: 5 },
    builders: { world: world('builders', 3000), rounds: 3 },
    ingest: { world: world('ingest', 1024), rounds: 15, warmUp: 10 },
    scale: { bundles: [1000, 10_000], skews: [0.2, 1], repeats: 3 },
    incremental: { sources: 60, bundlesOfSource: 100, warmUp: 3, rounds: 3 },
    empty: { world: world('empty', 3000) },
    latency: {
      background: world('latency', 300),
      notifications: 30,
      hot: world('hot', 2000, { size: 'small', skew: 1 }),
      hotNotifications: 10,
      hotLoad: 200,
    },
    search: { world: world('search', 7300), rounds: 60, warmUp: 40, clients: 100, seconds: 30 },
    exports: { world: world('exports', 500), files: [25_000, 100_000], rounds: 3, requests: 300 },
    snapshots: { bundles: [10_000, 100_000] },
    signIn: { tokens: 10_000, times: 10, more: 3 },
    soak: { world: world('soak', 200), minutes: 10 },
    profile: { world: world('profile', 1000) },
  },
  full: {
    rebuild: { world: world('rebuild', 3000), pairs: 7 },
    builders: { world: world('builders', 10_000), rounds: 3 },
    ingest: { world: world('ingest', 2048), rounds: 15, warmUp: 5 },
    scale: { bundles: [1000, 10_000, 100_000], skews: [0.2, 1], repeats: 3 },
    incremental: { sources: 60, bundlesOfSource: 400, warmUp: 3, rounds: 2 },
    empty: { world: world('empty', 10_000) },
    latency: {
      background: world('latency', 1000),
      notifications: 60,
      hot: world('hot', 20_000, { size: 'small', skew: 1 }),
      hotNotifications: 12,
      hotLoad: 1000,
    },
    search: { world: world('search', 7300), rounds: 200, warmUp: 40, clients: 100, seconds: 60 },
    exports: { world: world('exports', 1000), files: [50_000, 500_000], rounds: 3, requests: 1000 },
    snapshots: { bundles: [10_000, 100_000, 200_000] },
    signIn: { tokens: 10_000, times: 20, more: 10 },
    soak: { world: world('soak', 200), minutes: 10 },
    profile: { world: world('profile', 3000) },
  },
};
