import type * as pulumi from '@pulumi/pulumi';
import type { Balancer } from '../balancer.ts';
import type { Setting } from '../component.ts';
import type { Resources } from '../resources.ts';

/** A metric of CloudWatch, and when it is bad. */
export interface Watched {
  /** ends the alarm's name */
  readonly name: string;
  readonly description: string;
  readonly namespace: string;
  readonly metric: string;
  readonly dimensions: Readonly<Record<string, pulumi.Input<string>>>;
  readonly statistic: 'Maximum' | 'Minimum' | 'Sum' | 'Average';
  /** seconds that one value stands for */
  readonly period: number;
  /** so many values in a row */
  readonly periods: number;
  readonly bad: 'above' | 'below';
  readonly threshold: number;
  /** what no value means */
  readonly missing: 'notBreaching' | 'breaching';
}

const minute = 60;
const mebi = 1024;
/** A record that waits longer than this has something in its way. */
const oldestMillis = 15 * minute * 1000;
/** OpenSearch turns indices read-only when little more than this is left. */
const freeShare = 0.2;
const jvmPercent = 85;
/** Firehose collects for five minutes before it writes. */
const undeliveredSeconds = 30 * minute;

/** Everything that is watched with a metric alone; the share of 5xx is computed (`alarms.ts`). */
export function watched(setting: Setting, resources: Resources): readonly Watched[] {
  return [
    ...streamsWatched(setting, resources),
    ...leasesWatched(resources),
    lettersWatched(resources),
    ...deliveryWatched(resources),
    ...searchWatched(setting, resources),
  ];
}

function streamsWatched({ stack }: Setting, { streams, leases }: Resources): readonly Watched[] {
  const pushed = (stream: string) =>
    leases !== undefined && stack.roles.ingest.fanOut && stream === 'notifications'
      ? {
          metric: 'SubscribeToShardEvent.MillisBehindLatest',
          dimensions: { StreamName: streams.notifications.name, ConsumerName: leases.shards.name },
        }
      : {};
  return (['notifications', 'batches'] as const).map((stream) => ({
    name: `${stream}-age`,
    description: `The oldest unread record of the stream ${stream} waits for more than 15 minutes`,
    namespace: 'AWS/Kinesis',
    metric: 'GetRecords.IteratorAgeMilliseconds',
    dimensions: { StreamName: streams[stream].name },
    statistic: 'Maximum',
    period: 5 * minute,
    periods: 2,
    bad: 'above',
    threshold: oldestMillis,
    // Workers read all the time: no value means that nobody reads.
    missing: 'breaching',
    ...pushed(stream),
  }));
}

/** A worker that can't write to its leases loses its shards to others, again and again. */
function leasesWatched({ leases }: Resources): readonly Watched[] {
  if (leases === undefined) return [];
  return [
    {
      name: 'leases-throttled',
      description: 'DynamoDB refuses changes of the leases of ingest workers',
      namespace: 'AWS/DynamoDB',
      metric: 'WriteThrottleEvents',
      dimensions: { TableName: leases.shards.name },
      statistic: 'Sum',
      period: 5 * minute,
      periods: 3,
      bad: 'above',
      threshold: 0,
      missing: 'notBreaching',
    },
  ];
}

/** Each dead letter has a header in the feed. */
function lettersWatched({ archive }: Resources): Watched {
  return {
    name: 'letters',
    description: 'Work was given up: see `lazuli dead-letters list`',
    namespace: 'AWS/Firehose',
    metric: 'IncomingRecords',
    dimensions: { DeliveryStreamName: archive.deadLetters.name },
    statistic: 'Sum',
    period: 5 * minute,
    periods: 1,
    bad: 'above',
    threshold: 0,
    missing: 'notBreaching',
  };
}

/** Firehose keeps what it can't deliver for a day, then it is lost. */
function deliveryWatched({ archive }: Resources): readonly Watched[] {
  const streams = { notifications: archive.notifications, letters: archive.deadLetters };
  return Object.entries(streams).map(([what, { name }]) => ({
    name: `${what}-delivery`,
    description: `Firehose has not delivered ${what} to the archive for more than half an hour`,
    namespace: 'AWS/Firehose',
    metric: 'DeliveryToS3.DataFreshness',
    dimensions: { DeliveryStreamName: name },
    statistic: 'Maximum',
    period: 5 * minute,
    periods: 3,
    bad: 'above',
    threshold: undeliveredSeconds,
    missing: 'notBreaching',
  }));
}

/** Tasks of a role that the load balancer sends nothing to, because they don't answer it. */
export function targetsWatched({ loadBalancer, ...balancer }: Balancer): readonly Watched[] {
  return (['query', 'indexer'] as const).map((role) => ({
    name: `${role}-unhealthy`,
    description: `A task of ${role} does not answer the load balancer for ten minutes`,
    namespace: 'AWS/ApplicationELB',
    metric: 'UnHealthyHostCount',
    dimensions: { LoadBalancer: loadBalancer.arnSuffix, TargetGroup: balancer[role].arnSuffix },
    statistic: 'Maximum',
    period: minute,
    periods: 10,
    bad: 'above',
    threshold: 0,
    missing: 'notBreaching',
  }));
}

/** The domain's own numbers; a stack that shares a domain leaves them to its owner. */
function searchWatched({ stack }: Setting, { search }: Resources): readonly Watched[] {
  if (!('nodes' in stack.search)) return [];
  const dimensions = { DomainName: search.domain, ClientId: stack.account };
  const of = { namespace: 'AWS/ES', dimensions, period: minute, missing: 'notBreaching' } as const;
  const max = { ...of, statistic: 'Maximum', bad: 'above' } as const;
  const freeMebi = stack.search.volumeGiB * mebi * freeShare;
  return [
    {
      ...max,
      name: 'search-red',
      description: 'Primary shards are missing',
      metric: 'ClusterStatus.red',
      periods: 1,
      threshold: 0,
    },
    {
      ...max,
      name: 'search-yellow',
      description: 'Replicas are missing',
      metric: 'ClusterStatus.yellow',
      periods: 30,
      threshold: 0,
    },
    {
      ...max,
      name: 'search-blocked',
      description: 'The domain takes no writes',
      metric: 'ClusterIndexWritesBlocked',
      periods: 5,
      threshold: 0,
    },
    {
      ...max,
      name: 'search-memory',
      description: `The heap has been filled to more than ${jvmPercent} % for a quarter of an hour`,
      metric: 'JVMMemoryPressure',
      periods: 15,
      threshold: jvmPercent,
    },
    {
      ...of,
      name: 'search-disk',
      description: `A node has less than ${freeShare * 100} % of its disk left`,
      metric: 'FreeStorageSpace',
      statistic: 'Minimum',
      periods: 5,
      bad: 'below',
      threshold: freeMebi,
    },
  ];
}
