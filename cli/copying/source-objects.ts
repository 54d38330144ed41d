import { LazuliError } from '../../core/config/errors.ts';
import type { InBucket } from '../../core/storage/s3/requests.ts';
import type { ManifestFile } from '../../plugins/repository/dss/answers.ts';
import { redirectionOf, untilReady } from '../../plugins/repository/dss/content.ts';
import type { Store } from '../../plugins/repository/dss/store.ts';

/** `<sha256>.<sha1>.<etag>.<crc32c>`, as keys of blobs have it. */
const keyPattern = /^blobs\/[0-9a-f]{64}\.[0-9a-f]{40}\.[0-9a-f]{32}(-\d{1,5})?\.[0-9a-f]{8}$/;
const placePattern = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/(blobs\/.+)$/;

export interface CopySource {
  readonly store: Store;
  readonly replica: string;
  /** that has the store's blobs; null: the store is asked for a copy of each */
  readonly bucket: string | null;
}

/**
 * The object that has the content of a file: that of the store, or a copy that it makes where nobody says in which bucket its
 * own are (specification, dss 1.1).
 *
 * @throws LazuliError `bundle_invalid` where there can be none, and as `untilReady`
 */
export async function sourceObject(source: CopySource, file: ManifestFile, signal: AbortSignal): Promise<InBucket> {
  const { sha256, sha1, s3_etag: etag, crc32c } = file;
  const key = `blobs/${[sha256, sha1, etag, crc32c].join('.').toLowerCase()}`;
  if (!keyPattern.test(key)) throw unknown(file, `has no sums that name a blob: ${key}`);
  if (source.bucket !== null) return { bucket: source.bucket, key };
  const query = { replica: source.replica, version: file.version, directurl: 'true' };
  const request = { path: `/files/${file.uuid}`, query };
  const url = await untilReady({ store: source.store, request, name: file.name, read: redirectionOf }, signal);
  const [, bucket, found] = placePattern.exec(url) ?? [];
  if (bucket === undefined || found !== key) throw unknown(file, `is at ${url.slice(0, 200)}, which is no such blob`);
  return { bucket, key };
}

const unknown = (file: ManifestFile, what: string): LazuliError =>
  new LazuliError('bundle_invalid', `File ${file.name} ${what}`, { remedy: 'Have the data store looked at.' });
