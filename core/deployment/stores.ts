import { join } from 'node:path';
import type { Settings } from '../config/settings.ts';
import { FolderObjects } from '../exports/folder-objects.ts';
import { type ResultObjects, resultsFolder } from '../exports/objects.ts';
import { S3Objects } from '../exports/s3-objects.ts';
import { Reports } from '../runs/reports.ts';
import type { ObjectStore, Records } from '../runtime/ports.ts';
import { type DeadLetters, StoredDeadLetters } from '../storage/dead-letters.ts';
import { RecordTable } from '../storage/dynamodb/records.ts';
import { FolderStore } from '../storage/folder.ts';
import { S3Store } from '../storage/s3/store.ts';
import { announcing } from '../streams/archive.ts';
import { checkpointsOf } from '../streams/checkpoint-folder.ts';
import type { CheckpointStore } from '../streams/checkpoints.ts';
import { CheckpointTable } from '../streams/dynamodb/checkpoints.ts';
import { FirehoseArchive } from '../streams/firehose/archive.ts';

type Kept = Pick<Settings, 'folders' | 's3' | 'dynamodb' | 'firehose'>;

/** Where staged batches are: a bucket, or a folder, which is made. @throws LazuliError `staging_unavailable` */
export function openStaging({ folders, s3 }: Kept): Promise<ObjectStore> {
  return open(folders.staging, s3 && { ...s3, bucket: s3.staging });
}

/** Where dead letters are. @throws LazuliError `staging_unavailable` */
export async function openDeadLetters({ folders, s3, firehose }: Kept): Promise<DeadLetters> {
  const letters = new StoredDeadLetters(await open(folders.deadLetters, s3 && { ...s3, bucket: s3.deadLetters }));
  if (firehose === undefined) return letters;
  const { region, endpoint, deadLetters: stream } = firehose;
  return announcing(letters, new FirehoseArchive({ region, endpoint, stream }));
}

/**
 * The checkpoints of a stage.
 *
 * @param stage as `core/config/stages.ts` names it
 */
export function checkpointsFor({ folders, dynamodb }: Kept, stage: string): CheckpointStore {
  return dynamodb === undefined ? checkpointsOf(folders.state, stage) : new CheckpointTable({ ...dynamodb, stage });
}

/** Epochs of workers and records of runs: in a table where there is one, else beside the staged batches. */
export function recordsFor({ dynamodb }: Pick<Settings, 'dynamodb'>, staging: ObjectStore): Records {
  return dynamodb === undefined ? staging : new RecordTable(dynamodb);
}

/** What stages say of themselves, where their checkpoints are. */
export function reportsFor({ folders, dynamodb }: Kept): Reports {
  return new Reports(dynamodb === undefined ? new FolderStore(folders.state) : new RecordTable(dynamodb));
}

/** Where finished exports are: beside the staged batches, unless they have a folder of their own. */
export function resultsFor({ folders, s3 }: Pick<Settings, 'folders' | 's3'>): ResultObjects {
  if (s3 !== undefined) return new S3Objects({ ...s3, bucket: s3.staging, prefix: resultsFolder });
  return new FolderObjects(folders.exports ?? join(folders.staging, resultsFolder));
}

async function open(
  folder: string,
  s3: { region: string; endpoint?: string | undefined; bucket: string } | undefined,
): Promise<ObjectStore> {
  if (s3 !== undefined)
    return new S3Store({ region: s3.region, endpoint: s3.endpoint, bucket: s3.bucket, mirror: folder });
  const store = new FolderStore(folder);
  await store.prepare();
  return store;
}
