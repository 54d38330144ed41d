import { GetObjectTaggingCommand, PutObjectTaggingCommand, type S3Client } from '@aws-sdk/client-s3';
import type { Environment } from '../../core/config/environment.ts';
import { askS3, type InBucket, s3Client } from '../../core/storage/s3/requests.ts';

const answerMillis = 30_000;
const maxAttempts = 5;

/** The sums of a blob as tags of its object, by which stores believe them (specification, dss 1.2). */
export function tagsOf({ key }: InBucket): Readonly<Record<string, string>> {
  const [sha256 = '', sha1 = '', etag = '', crc32c = ''] = key.replace(/^.*\//, '').split('.');
  const sums = { sha256, sha1, s3_etag: etag, crc32c };
  return Object.fromEntries(Object.entries(sums).map(([name, value]) => [`hca-dss-${name}`, value]));
}

/** Writes missing tags of blobs, one change of an object at a time: S3 replaces all tags at once. */
export class BlobTags implements Disposable {
  readonly #client: S3Client;
  readonly #busy = new Map<string, Promise<void>>();

  /** @param environment that says where S3 is, and by whom it is asked, as the AWS SDK reads it */
  constructor(environment: Environment) {
    const region = environment.AWS_REGION ?? environment.AWS_DEFAULT_REGION ?? 'us-east-1';
    const endpoint = environment.AWS_ENDPOINT_URL_S3 ?? environment.AWS_ENDPOINT_URL;
    this.#client = s3Client({ region, endpoint, answerMillis, maxAttempts }, environment);
  }

  /** Has an object have such tags beside those that it has. @throws LazuliError `staging_unavailable` */
  async add(place: InBucket, tags: Readonly<Record<string, string>>): Promise<void> {
    const name = JSON.stringify([place.bucket, place.key]);
    const before = this.#busy.get(name) ?? Promise.resolve();
    const work = before.then(() => this.#add(place, tags));
    const settled = work.catch(() => {});
    this.#busy.set(name, settled);
    try {
      await work;
    } finally {
      if (this.#busy.get(name) === settled) this.#busy.delete(name);
    }
  }

  async #add(place: InBucket, tags: Readonly<Record<string, string>>): Promise<void> {
    const at = { Bucket: place.bucket, Key: place.key };
    const { TagSet = [] } = await askS3(place, () => this.#client.send(new GetObjectTaggingCommand(at)));
    const known = new Map(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
    if (Object.entries(tags).every(([name, value]) => known.get(name) === value)) return;
    for (const [name, value] of Object.entries(tags)) known.set(name, value);
    const Tagging = { TagSet: [...known].map(([Key, Value]) => ({ Key, Value })) };
    await askS3(place, () => this.#client.send(new PutObjectTaggingCommand({ ...at, Tagging })));
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}
