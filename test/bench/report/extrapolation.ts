import type { Breakdown } from '../measurement.ts';
import { shown } from '../statistics.ts';

/** What was measured, for each bundle or document. Seconds of CPU. */
export interface Unit {
  readonly documentsPerBundle: number;
  /** normalizing and staging, a bundle */
  readonly ingest: number;
  /** from staged batches into the store, a bundle */
  readonly load: number;
  /** computing and sending, a document */
  readonly build: number;
  /** of the search server, a document and copy of it */
  readonly index: number;
}

/** For what it is extrapolated. */
export interface Site {
  readonly bundles: number;
  /** of the machine or machines of workers */
  readonly workerCores: number;
  /** over which the bundles are spread evenly; each has one process that builds it */
  readonly catalogs: number;
  readonly nodes: number;
  readonly coresOfNode: number;
  readonly replicas: number;
  /** bulk requests of one catalog at a time */
  readonly bulkConcurrency: number;
}

/** Hours. */
export interface Extrapolated {
  readonly documents: number;
  readonly ingest: number;
  readonly load: number;
  /** what the processes that build need, and what the search cluster needs, at the same time */
  readonly compute: number;
  readonly index: number;
  /** the longer of the two: a rebuild from the store */
  readonly rebuild: number;
  /** loading first */
  readonly fromStaged: number;
  /** everything, one after the other */
  readonly fromRepository: number;
}

const hour = 3600;

/**
 * What a rebuild would take somewhere else, from what was measured here. Pure. Everything grows with the number of
 * bundles; what can't be told from measurements counts as not parallel:
 *
 * - One process builds a catalog, bucket by bucket, and counts as one core, though DuckDB has two threads.
 * - One process ingests.
 * - A bulk request keeps one core busy on the node of the primary, and one on that of each replica.
 * - Computing and indexing overlap; each core is as fast as those here; nothing else runs on them.
 */
export function extrapolate(unit: Unit, site: Site): Extrapolated {
  const documents = site.bundles * unit.documentsPerBundle;
  const copies = 1 + site.replicas;
  const owners = Math.min(site.catalogs, site.workerCores);
  const busy = Math.min(site.nodes * site.coresOfNode, owners * site.bulkConcurrency * copies);
  const ingest = (site.bundles * unit.ingest) / hour;
  const load = (site.bundles * unit.load) / owners / hour;
  const compute = (documents * unit.build) / owners / hour;
  const index = (documents * copies * unit.index) / busy / hour;
  const rebuild = Math.max(compute, index);
  const fromStaged = load + rebuild;
  return { documents, ingest, load, compute, index, rebuild, fromStaged, fromRepository: ingest + fromStaged };
}

/** A row for each site. */
export function extrapolationTable(unit: Unit, sites: readonly Site[], title: string): Breakdown {
  return {
    title,
    head: [
      ...['catalogs', 'worker cores', 'nodes × cores', 'replicas', 'million documents'],
      ...['ingest h', 'load h', 'compute h', 'index h', 'rebuild h', 'empty machine h', 'from repository h'],
    ],
    rows: sites.map((site) => {
      const found = extrapolate(unit, site);
      return [
        ...[site.catalogs, site.workerCores, `${site.nodes} × ${site.coresOfNode}`, site.replicas],
        ...[found.documents / 1e6, found.ingest, found.load, found.compute, found.index].map(shown),
        ...[found.rebuild, found.fromStaged, found.fromRepository].map(shown),
      ];
    }),
  };
}
