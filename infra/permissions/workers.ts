import type { Setting } from '../component.ts';
import type { Resources } from '../resources.ts';
import type { Role } from '../workers/roles.ts';
import { deliver, readStream, useBucket, useKey, useRows, writeStream } from './grants.ts';
import type { Statement } from './policy.ts';

/** What the tasks of a role may do in AWS, and no more. Users of the search domain are not IAM's. */
export function statementsOf(role: Role, { stack }: Setting, resources: Resources): readonly Statement[] {
  const { streams, storage, coordination, archive, keys } = resources;
  const [notifications, batches] = [streams.notifications.arn, streams.batches.arn];
  const table = coordination.table.arn;
  const key = useKey(keys.data.arn, stack.region, ['kinesis', 's3', 'dynamodb', 'firehose']);
  // `/health` counts what is in the streams and not behind a checkpoint.
  const health = [readStream(notifications), readStream(batches), useRows(table, 'checkpoints/', false)];
  if (role.name === 'query') return [...health, key];
  if (role.name === 'indexer') return [writeStream(notifications), ...health, key];
  const letters = [...useBucket(storage.deadLetters.arn), deliver(archive.deadLetters.arn)];
  if (role.name === 'ingest') {
    return [
      readStream(notifications),
      writeStream(batches),
      ...useBucket(storage.staging.arn),
      ...letters,
      deliver(archive.notifications.arn),
      useRows(table, 'checkpoints/ingest/', true),
      key,
    ];
  }
  return [
    readStream(batches),
    ...useBucket(storage.staging.arn),
    ...letters,
    useRows(table, `checkpoints/${role.name}/`, true),
    key,
  ];
}
