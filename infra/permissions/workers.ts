import { ingestStage } from '../../core/config/stages.ts';
import type { Setting } from '../component.ts';
import type { Resources } from '../resources.ts';
import type { Role } from '../workers/roles.ts';
import {
  askForExports,
  buildBuckets,
  deleteObjects,
  deliver,
  makeExports,
  readStream,
  shareShards,
  subscribeTo,
  useBucket,
  useKey,
  useObjects,
  useRecords,
  useReports,
  useRows,
  useSignatures,
  useSole,
  writeStream,
} from './grants.ts';
import type { Statement } from './policy.ts';

/** Numbers of undeletions; see `ingest/undeletions.ts`. */
const undeletionsPattern = '*/restores/*';

/**
 * What transform deletes of what is staged: records of old runs, removals that are done, batches that others replaced;
 * and old copies of its store.
 */
const deletedPatterns = ['_copies/*', '*/runs/*', '*/removals/*', '*/manifests/*', '*/snapshots/*', '*.parquet'];

/** What the tasks of a role may do in AWS, and no more. Users of the search domain are not IAM's. */
export function statementsOf(role: Role, { stack }: Setting, resources: Resources): readonly Statement[] {
  const { streams, storage, coordination, archive, keys, leases } = resources;
  const [notifications, batches] = [streams.notifications.arn, streams.batches.arn];
  const table = coordination.table.arn;
  const key = useKey(keys.data.arn, stack.region, ['kinesis', 's3', 'dynamodb', 'firehose']);
  // `/health` and metrics tell what stages have reported; the streams are not asked.
  const health = useReports(table, false);
  if (role.kind === 'query') return [health, ...askForExports(table, storage.staging.arn), key];
  if (role.kind === 'export')
    return [...makeExports(table, storage.staging.arn), useKey(keys.data.arn, stack.region, ['s3', 'dynamodb'])];
  if (role.kind === 'indexer')
    return [
      writeStream(notifications),
      ...useObjects(storage.staging.arn, undeletionsPattern),
      useSignatures(table),
      health,
      key,
    ];
  const announce = deliver(archive.deadLetters.arn);
  if (role.kind === 'builder')
    return [
      ...buildBuckets(table, storage.staging.arn, Object.keys(stack.catalogs)),
      ...useBucket(storage.deadLetters.arn),
      announce,
      useKey(keys.data.arn, stack.region, ['s3', 'dynamodb', 'firehose']),
    ];
  if (role.kind === 'ingest') {
    return [
      readStream(notifications),
      writeStream(batches),
      ...useBucket(storage.staging.arn),
      // Letters of a refused catalog go when it is in order again.
      ...useBucket(storage.deadLetters.arn, true),
      announce,
      deliver(archive.notifications.arn),
      ...(leases === undefined
        ? [useRows(table, 'checkpoints/ingest/', true)]
        : [...shareShards(leases), useSole(table, ingestStage)]),
      ...(leases !== undefined && stack.roles.ingest.fanOut ? subscribeTo(notifications) : []),
      useReports(table, true),
      key,
    ];
  }
  return [
    readStream(batches),
    ...useBucket(storage.staging.arn),
    ...deletedPatterns.map((pattern) => deleteObjects(storage.staging.arn, pattern)),
    // The letter of a batch goes when the batch can be loaded after all.
    ...useBucket(storage.deadLetters.arn, true),
    announce,
    useRows(table, `checkpoints/${role.name}/`, true),
    useReports(table, true),
    ...(role.catalog === undefined ? [] : useRecords(table, role.catalog)),
    key,
  ];
}
