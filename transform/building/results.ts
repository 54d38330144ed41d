import { LazuliError } from '../../core/config/errors.ts';
import type { BucketRef, BuiltBucket } from '../../core/control/building.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { sha256Of } from '../../core/storage/digest.ts';

/**
 * What builders report of the buckets that they have built, a Parquet file for each: `_building/<catalog>/<epoch>-<generation>/`.
 * It is read once and deleted. No catalog's name begins with an underscore.
 */
const allResults = '_building/';

const resultsOf = (catalog: string): string => `${allResults}${catalog}/`;

const resultsIn = ({ catalog, epoch, generation }: Omit<BucketRef, 'bucket' | 'commit'>): string =>
  `${resultsOf(catalog)}${epoch}-${generation}/`;

/** @param unique makes a name that no other builder uses, nor the same one for another attempt */
export const resultKey = (of: BucketRef, unique: string): string =>
  `${resultsIn(of)}${of.commit}-${of.bucket}-${unique}.parquet`;

/** The columns of a result. */
export const resultColumns = 'entity_type TINYINT, entity_id VARCHAR, hash BIGINT';

/** @throws LazuliError `bad_request` where it isn't what the builder has said, `staging_unavailable` */
export async function readResult(objects: ObjectStore, of: BucketRef, { hashes }: BuiltBucket): Promise<Uint8Array> {
  if (!hashes.key.startsWith(resultsIn(of))) throw unfit(of, `${hashes.key} is not of that build`);
  const bytes = await objects.get(hashes.key);
  if (bytes === null) throw unfit(of, `${hashes.key} is gone`);
  const isSame = bytes.length === hashes.bytes && (await sha256Of(bytes)) === hashes.sha256;
  if (!isSame) throw unfit(of, `${hashes.key} has other bytes than it should`);
  return bytes;
}

export const unfit = ({ bucket }: BucketRef, reason: string): LazuliError =>
  new LazuliError('bad_request', `What was built of bucket ${bucket} does not fit: ${reason}.`, {
    remedy: 'Nothing: the owner of the catalog builds it.',
  });

/** Deletes what was left, but for what a later owner's builders have written. */
export async function deleteResults(objects: ObjectStore, catalog: string, epoch: number): Promise<void> {
  const prefix = resultsOf(catalog);
  for await (const key of objects.list(prefix))
    if (Number.parseInt(key.slice(prefix.length), 10) <= epoch) await objects.delete(key);
}
