import * as pulumi from '@pulumi/pulumi';
import { attemptsFolder } from '../../core/exports/attempts.ts';
import { jobsFolder } from '../../core/exports/jobs.ts';
import { resultsFolder } from '../../core/exports/objects.ts';
import { queueFolder } from '../../core/exports/queue.ts';
import { snapshotFolders, snapshotsFolder } from '../../core/exports/snapshots.ts';
import { workersFolder } from '../../core/exports/workers.ts';
import { manifestPrefix } from '../../core/staged/layout.ts';
import type { Leases } from '../leases.ts';
import { allow, type Statement } from './policy.ts';

type Arn = pulumi.Input<string>;

/** Reads a stream, as `core/streams/source.ts` does. */
export const readStream = (stream: Arn): Statement =>
  allow(
    ['kinesis:ListShards', 'kinesis:GetShardIterator', 'kinesis:GetRecords', 'kinesis:DescribeStreamSummary'],
    [stream],
  );

/** Has a stream push records to it, as the Kinesis Client Library does with `fanOut`. */
export const subscribeTo = (stream: Arn): readonly Statement[] => [
  allow(['kinesis:RegisterStreamConsumer'], [stream]),
  allow(['kinesis:DescribeStreamConsumer', 'kinesis:SubscribeToShard'], [pulumi.interpolate`${stream}/consumer/*`]),
];

/** Shares shards with other workers, as the Kinesis Client Library does, in tables that are there. */
export const shareShards = ({ shards, workers }: Leases): readonly Statement[] => [
  allow(
    ['DescribeTable', 'Scan', 'GetItem', 'PutItem', 'UpdateItem', 'DeleteItem'].map((action) => `dynamodb:${action}`),
    [shards, ...workers].map(({ arn }) => arn),
  ),
  allow(['dynamodb:Query'], [pulumi.interpolate`${shards.arn}/index/*`]),
];

/** Writes to a stream, as `core/streams/producer.ts` does. */
export const writeStream = (stream: Arn): Statement => allow(['kinesis:PutRecords'], [stream]);

/** Reads and writes objects, as `core/storage/s3/store.ts` does; `deletes` where the role removes some, too. */
export function useBucket(bucket: Arn, deletes = false): readonly Statement[] {
  const actions = ['s3:GetObject', 's3:PutObject', ...(deletes ? ['s3:DeleteObject'] : [])];
  return [allow(actions, [pulumi.interpolate`${bucket}/*`]), allow(['s3:ListBucket'], [bucket])];
}

/** Reads and writes objects whose keys match. */
export const useObjects = (bucket: Arn, pattern: string): readonly Statement[] => [
  allow(['s3:GetObject', 's3:PutObject'], [pulumi.interpolate`${bucket}/${pattern}`]),
  allow(['s3:ListBucket'], [bucket], { StringLike: { 's3:prefix': [pattern] } }),
];

/** Keys of objects. Without it S3 says of an object that isn't there that it is forbidden. */
const listBucket = (bucket: Arn): Statement => allow(['s3:ListBucket'], [bucket]);

/** In the place of a catalog's name. */
const anyCatalog = '*';
const snapshots = snapshotsFolder(anyCatalog);

/** Asks export workers for exports, and signs URLs of what they have made, as `query/manifests/` does. */
export const askForExports = (table: Arn, bucket: Arn): readonly Statement[] => [
  useFolders(table, ['GetItem', 'PutItem'], [recordsOf(jobsFolder)]),
  useFolders(table, ['Query', 'PutItem'], [recordsOf(queueFolder)]),
  useFolders(table, ['GetItem', 'Query'], [recordsOf(workersFolder)]),
  useRecordsBelow(table, ['GetItem', 'Query'], attemptsFolder),
  readObjects(bucket, [`${snapshots}${snapshotFolders.manifests}*`, `${resultsFolder}*`]),
  listBucket(bucket),
];

/** Says how exports stand, as `cli/pipeline/exports.ts` does. */
export const lookAtExports = (table: Arn): readonly Statement[] => [
  useFolders(table, ['GetItem', 'Query'], [jobsFolder, queueFolder, workersFolder].map(recordsOf)),
  useRecordsBelow(table, ['GetItem', 'Query'], attemptsFolder),
];

/** Makes exports of snapshots and staged batches, as `exports/` does, and deletes what is over. */
export const makeExports = (table: Arn, bucket: Arn): readonly Statement[] => [
  useFolders(table, ['GetItem', 'Query', 'DeleteItem'], [recordsOf(jobsFolder)]),
  useFolders(table, ['Query', 'PutItem', 'DeleteItem'], [recordsOf(queueFolder)]),
  useFolders(table, ['GetItem', 'Query', 'PutItem', 'DeleteItem'], [recordsOf(workersFolder)]),
  useRecordsBelow(table, ['GetItem', 'Query', 'PutItem', 'DeleteItem'], attemptsFolder),
  readObjects(bucket, [`${snapshots}*`, `${manifestPrefix(anyCatalog)}*`, '*.parquet', `${resultsFolder}*`]),
  allow(
    ['s3:PutObject', 's3:DeleteObject'],
    objectsIn(bucket, [`${snapshots}${snapshotFolders.claims}*`, `${resultsFolder}*`]),
  ),
  allow(['s3:AbortMultipartUpload'], objectsIn(bucket, [`${resultsFolder}*`])),
  listBucket(bucket),
];

/** Builds buckets of generations from copies of stores, as `transform/builders/` does. */
export const buildBuckets = (table: Arn, bucket: Arn, catalogs: readonly string[]): readonly Statement[] => [
  useFolders(
    table,
    ['GetItem', 'Query'],
    catalogs.map((catalog) => recordsOf(`${catalog}/epochs/`)),
  ),
  readObjects(bucket, ['_copies/*']),
  allow(['s3:PutObject'], objectsIn(bucket, ['_building/*', `${snapshots}${snapshotFolders.files}*`])),
  listBucket(bucket),
];

const objectsIn = (bucket: Arn, patterns: readonly string[]) =>
  patterns.map((pattern) => pulumi.interpolate`${bucket}/${pattern}`);

const readObjects = (bucket: Arn, patterns: readonly string[]): Statement =>
  allow(['s3:GetObject'], objectsIn(bucket, patterns));

/** Deletes objects whose keys match. */
export const deleteObjects = (bucket: Arn, pattern: string): Statement =>
  allow(['s3:DeleteObject'], [pulumi.interpolate`${bucket}/${pattern}`]);

/** Rows of the table whose keys begin with a text, as `core/streams/dynamodb/checkpoints.ts` uses them. */
export function useRows(table: Arn, beginning: string, writes: boolean): Statement {
  const actions = ['dynamodb:GetItem', ...(writes ? ['dynamodb:PutItem'] : [])];
  return allow(actions, [table], {
    'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${beginning}*`] },
    Null: { 'dynamodb:LeadingKeys': 'false' },
  });
}

/** What stages tell of themselves, as `core/runs/reports.ts` has it. */
export const useReports = (table: Arn, writes: boolean): Statement => useRows(table, 'records/_reports/', writes);

/** Answers to signed requests, as `ingest/answered.ts` keeps them. */
export const useSignatures = (table: Arn): Statement =>
  useFolders(table, ['GetItem', 'PutItem', 'Query', 'DeleteItem'], ['records/_signatures/']);

/** Which of several workers of a stage does what only one may, as `core/runs/sole.ts` keeps it. */
export const useSole = (table: Arn, stage: string): Statement =>
  useFolders(table, ['GetItem', 'PutItem', 'Query', 'DeleteItem'], [`records/_leases/${stage}/`]);

/** Epochs, numbers of generations and runs of a catalog, as `core/storage/dynamodb/records.ts` keeps them. Only runs are deleted. */
export function useRecords(table: Arn, catalog: string): readonly Statement[] {
  const keyOf = (kind: string): string => `records/${catalog}/${kind}/`;
  const runs = keyOf('runs');
  return [
    useFolders(table, ['GetItem', 'PutItem', 'Query'], [keyOf('epochs'), keyOf('generations'), runs]),
    useFolders(table, ['DeleteItem'], [runs]),
  ];
}

/** Puts records into a delivery stream, as `core/streams/firehose/archive.ts` does. */
export const deliver = (stream: Arn): Statement => allow(['firehose:PutRecordBatch'], [stream]);

/** Decrypts and encrypts by a key, through other services of AWS only. */
export const useKey = (key: Arn, region: string, services: readonly string[]): Statement =>
  allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key], {
    StringEquals: { 'kms:ViaService': services.map((service) => `${service}.${region}.amazonaws.com`) },
  });

/** How `core/storage/dynamodb/records.ts` calls a folder of records. */
const recordsOf = (folder: string): string => `records/${folder}`;

/** Records in folders of a folder. */
const useRecordsBelow = (table: Arn, actions: readonly string[], folder: string): Statement =>
  allow(
    actions.map((action) => `dynamodb:${action}`),
    [table],
    {
      'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${recordsOf(folder)}*`] },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  );

/** Rows of the table whose keys are those. */
function useFolders(table: Arn, actions: readonly string[], keys: string[]): Statement {
  return allow(
    actions.map((action) => `dynamodb:${action}`),
    [table],
    {
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': keys },
      Null: { 'dynamodb:LeadingKeys': 'false' },
    },
  );
}
