import type { ConsumerLimits } from '../limits.ts';

/** How the Kinesis Client Library is to work; milliseconds. */
export interface KclOptions {
  /** names the table of its leases: workers of one name share the shards of a stream */
  readonly application: string;
  /** tells workers apart; the same after each start of the daemon, so that it finds its own leases again */
  readonly worker: string;
  /** after this without a sign of life a worker's shards go to others */
  readonly failoverMillis: number;
  /** whether the stream pushes records to this application alone (enhanced fan-out), which costs extra */
  readonly fanOut: boolean;
  /** of the daemon's Java, in MiB */
  readonly heap: number;
}

/** The library rests no shorter. */
const leastIdleMillis = 200;

/** What the daemon needs to know beside its options. */
export interface DaemonPlace {
  readonly stream: string;
  readonly region: string;
  /** absent: that of the region */
  readonly kinesis?: string | undefined;
  readonly dynamodb?: string | undefined;
  /** run once for each shard; no part of it has a blank */
  readonly command: readonly string[];
}

/**
 * The properties file of the MultiLangDaemon (amazon-kinesis-client-multilang 3.1, `MultiLangDaemonConfiguration`). Shards
 * are synchronized at every start, as by default: without it a new stream of the same name is not noticed.
 */
export function propertiesOf(
  { application, worker, failoverMillis, fanOut }: KclOptions,
  { stream, region, kinesis, dynamodb, command }: DaemonPlace,
  { idleMillis, recordsPerRead, stopMillis }: Pick<ConsumerLimits, 'idleMillis' | 'recordsPerRead' | 'stopMillis'>,
): string {
  const properties: Readonly<Record<string, string | number | boolean | undefined>> = {
    executableName: command.join(' '),
    processingLanguage: 'nodejs',
    streamName: stream,
    applicationName: application,
    workerIdentifier: worker,
    regionName: region,
    kinesisEndpoint: kinesis,
    dynamoDBEndpoint: dynamodb,
    AwsCredentialsProvider: 'DefaultCredentialsProvider',
    initialPositionInStream: 'TRIM_HORIZON',
    failoverTimeMillis: failoverMillis,
    // Processors flush by time, so they are called without records, too.
    callProcessRecordsEvenForEmptyRecordList: true,
    idleTimeBetweenReadsInMillis: Math.max(leastIdleMillis, idleMillis),
    retrievalMode: fanOut ? 'FANOUT' : 'POLLING',
    ...(fanOut ? {} : { maxRecords: recordsPerRead }),
    shutdownGraceMillis: stopMillis,
    metricsLevel: 'NONE',
    // The library rests for so long after it has looked for shards at its start; a minute by default.
    shardSyncIntervalMillis: failoverMillis,
    leaseAssignmentIntervalMillis: failoverMillis,
    workerMetricsReporterFreqInMillis: failoverMillis,
  };
  return Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key} = ${escaped(String(value))}\n`)
    .join('');
}

/** In a file of properties of Java a backslash escapes, and characters beyond ASCII are written as `\uXXXX`. */
const escaped = (value: string): string =>
  value
    .replaceAll('\\', '\\\\')
    .replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
