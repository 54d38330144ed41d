import type { OwnDomain, StackConfiguration } from './configuration.ts';
import { toldMetrics } from './monitoring/told.ts';

/**
 * List prices of us-east-1 in dollars, as known in 2025; look them up before relying on them
 * (https://aws.amazon.com/pricing). A month has 730 hours.
 */
export const prices = {
  hoursPerMonth: 730,
  taskCpuHour: 0.04048,
  taskGiBHour: 0.004445,
  diskGiBMonth: 0.08,
  searchDiskGiBMonth: 0.122,
  searchHour: {
    't3.medium.search': 0.073,
    'm7g.large.search': 0.136,
    'r7g.large.search': 0.178,
    'r7g.xlarge.search': 0.356,
    'r7g.2xlarge.search': 0.712,
  } as Readonly<Record<string, number>>,
  streamHour: 0.04,
  shardHour: 0.015,
  /** of enhanced fan-out, where shards are provisioned */
  consumerShardHour: 0.015,
  streamGiBIn: 0.08,
  streamGiBOut: 0.04,
  natHour: 0.045,
  endpointHour: 0.01,
  balancerHour: 0.0225,
  firewallMonth: 9,
  secretMonth: 0.4,
  alarmMonth: 0.1,
  metricMonth: 0.3,
  /** HTTPS, every half a minute */
  probeMonth: 1.5,
  storageGiBMonth: 0.023,
  storagePut: 0.000005,
  deliveryGiB: 0.029,
  logGiB: 0.5,
} as const;

/** What a bundle weighs on its way, in KiB: assumptions, to be replaced by what a catalog shows. */
export const weights = { notification: 1, pointer: 0.2, staged: 20, bundlesPerBatch: 100, filesPerBatch: 15 } as const;

/** Dollars a month by concern, for a stack that is idle. */
export interface Costs {
  readonly tasks: number;
  readonly disks: number;
  readonly search: number;
  readonly streams: number;
  readonly network: number;
  readonly other: number;
}

const interfaceEndpoints = 5;
/** Probes from outside: of the service and of the endpoint. */
const probes = 2;

/** Alarms of a stack: of itself, of each catalog, and of its own domain. */
export function alarmsOf({ monitoring, catalogs, search, roles }: StackConfiguration): number {
  if (!monitoring.alarms) return 0;
  // With the library: its table, and each worker after the first.
  const together = roles.ingest.driver === 'kcl' ? roles.ingest.tasks : 0;
  return 21 + together + Object.keys(catalogs).length + ('nodes' in search ? 5 : 0);
}

/** The keys of notifications and of exports; in one's own domain those of the master, of one's own users and of each tenant's. */
export const secretsOf = ({ search }: StackConfiguration): number =>
  'nodes' in search ? 4 + search.tenants.length : 2;

/** What a stack costs a month, whatever it does. @throws RangeError for a kind of instance without a price */
export function monthly(stack: StackConfiguration): Costs {
  const { roles, network, streams, catalogs } = stack;
  const owners = Object.keys(catalogs).length;
  const { hoursPerMonth: hours } = prices;
  const task = ({ cpu, memory }: { cpu: number; memory: number }) =>
    hours * ((cpu / 1024) * prices.taskCpuHour + (memory / 1024) * prices.taskGiBHour);
  const { indexer, ingest, transform, query, export: exporter } = roles;
  const nats = network.natPerZone ? network.zones : 1;
  const own = 'nodes' in stack.search;
  const together = ingest.driver === 'kcl';
  const readers = together ? ingest.tasks : 1;
  const pushed = together && ingest.fanOut ? prices.consumerShardHour : 0;
  return {
    tasks:
      task(query.size) * query.minimum +
      task(indexer.size) * indexer.tasks +
      task(ingest.size) * readers +
      task(exporter.size) * exporter.tasks +
      task(transform.size) * owners,
    disks:
      (transform.volumeGiB * owners + exporter.volumeGiB * exporter.tasks + (ingest.volumeGiB ?? 0) * readers) *
      prices.diskGiBMonth,
    search: searchMonthly(stack.search),
    streams:
      hours * (streams.shards === undefined ? 2 * prices.streamHour : streams.shards * (2 * prices.shardHour + pushed)),
    network:
      hours * prices.balancerHour +
      (own ? hours * (nats * prices.natHour + interfaceEndpoints * network.zones * prices.endpointHour) : 0),
    other:
      prices.firewallMonth +
      secretsOf(stack) * prices.secretMonth +
      alarmsOf(stack) * prices.alarmMonth +
      (stack.monitoring.alarms ? probes * prices.probeMonth + toldMetrics * prices.metricMonth : 0),
  };
}

/** What a builder costs for each hour that it runs. An idle stack has none. */
export function builderHour({ roles: { builder } }: StackConfiguration): number {
  const { cpu, memory } = builder.size;
  const disk = (builder.volumeGiB * prices.diskGiBMonth) / prices.hoursPerMonth;
  return (cpu / 1024) * prices.taskCpuHour + (memory / 1024) * prices.taskGiBHour + disk;
}

/** All concerns together. @returns null where the price of an instance isn't known */
export function monthlyTotal(stack: StackConfiguration): number | null {
  const known = ({ search }: StackConfiguration) =>
    !('nodes' in search) || [search.instanceType, ...mastersOf(search)].every((type) => type in prices.searchHour);
  return known(stack) ? Object.values({ ...monthly(stack) }).reduce((sum, part) => sum + part, 0) : null;
}

const mastersOf = ({ dedicatedMasters, dedicatedMasterType }: OwnDomain): readonly string[] =>
  Array.from({ length: dedicatedMasters }, () => dedicatedMasterType);

function searchMonthly(search: StackConfiguration['search']): number {
  if (!('nodes' in search)) return 0;
  const hour = (type: string) => {
    const price = prices.searchHour[type];
    if (price === undefined) throw new RangeError(`There is no price of ${type}`);
    return price;
  };
  const { nodes, instanceType, volumeGiB } = search;
  const masters = mastersOf(search).reduce((sum, type) => sum + hour(type), 0);
  return (nodes * hour(instanceType) + masters) * prices.hoursPerMonth + nodes * volumeGiB * prices.searchDiskGiBMonth;
}

/** What a million bundles cost once (streams, archive, requests), and what keeping them staged costs a month. */
export function perMillionBundles(): { readonly once: number; readonly month: number } {
  const million = 1e6;
  const gib = (kib: number) => (million * kib) / 2 ** 20;
  const carried = gib(weights.notification + weights.pointer);
  const puts = (million / weights.bundlesPerBatch) * (weights.filesPerBatch + 1);
  return {
    once:
      carried * (prices.streamGiBIn + prices.streamGiBOut) +
      gib(weights.notification) * prices.deliveryGiB +
      puts * prices.storagePut,
    month: gib(weights.staged) * prices.storageGiBMonth,
  };
}
