import { isDeepStrictEqual } from 'node:util';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { clientOptions } from '../../../core/storage/aws.ts';
import type { Cloud } from '../storage/cloud.ts';

/** Where an object is. */
export interface Place {
  readonly bucket: string;
  readonly key: string;
}

export const printPlace = ({ bucket, key }: Place): string => `s3://${bucket}/${key}`;

/** What S3 says of an object. */
export interface Head {
  readonly size: number;
  readonly type: string;
  /** lower-case hex, with the number of parts where there are several */
  readonly etag: string;
  /** user metadata overlaid by tags */
  readonly marks: Readonly<Record<string, string>>;
}

/**
 * Objects of an emulated S3. Documents never change, and nobody else writes any: what was read of them is kept, and so are lists
 * of keys until something is written.
 */
export class DssStorage implements Disposable {
  readonly #client: S3Client;
  readonly #documents = new Map<string, unknown>();
  readonly #lists = new Map<string, readonly string[]>();
  #writes = 0;

  constructor({ endpoint, region }: Cloud) {
    // The emulator checks signatures of URLs, by these credentials.
    const { AWS_ACCESS_KEY_ID: accessKeyId = 'test', AWS_SECRET_ACCESS_KEY: secretAccessKey = 'test' } = process.env;
    const options = clientOptions({ service: 'S3', region, endpoint }, {});
    this.#client = new S3Client({ ...options, credentials: { accessKeyId, secretAccessKey }, forcePathStyle: true });
  }

  async json(place: Place): Promise<unknown> {
    const name = printPlace(place);
    if (this.#documents.has(name)) return this.#documents.get(name);
    const bytes = await this.bytes(place);
    if (bytes === null) return null;
    this.#documents.set(name, JSON.parse(Buffer.from(bytes).toString()));
    return this.#documents.get(name);
  }

  async bytes({ bucket: Bucket, key: Key }: Place): Promise<Uint8Array | null> {
    const found = await orAbsent(() => this.#client.send(new GetObjectCommand({ Bucket, Key })));
    return (await found?.Body?.transformToByteArray()) ?? null;
  }

  /** @param tags of the object */
  async put(
    { bucket: Bucket, key: Key }: Place,
    body: Uint8Array | string,
    type = 'application/json',
    tags: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const tagging = Object.keys(tags).length === 0 ? {} : { Tagging: new URLSearchParams(tags).toString() };
    await this.#client.send(new PutObjectCommand({ Bucket, Key, Body: body, ContentType: type, ...tagging }));
    this.#forget({ bucket: Bucket, key: Key });
  }

  /** @returns false where the same is there already; null where something else is */
  async putOnce(place: Place, document: object): Promise<boolean | null> {
    const known = await this.json(place);
    if (known !== null) return isDeepStrictEqual(known, JSON.parse(JSON.stringify(document))) ? false : null;
    await this.put(place, JSON.stringify(document));
    return true;
  }

  async delete({ bucket: Bucket, key: Key }: Place): Promise<void> {
    await this.#client.send(new DeleteObjectCommand({ Bucket, Key }));
    this.#forget({ bucket: Bucket, key: Key });
  }

  #forget(place: Place): void {
    this.#documents.delete(printPlace(place));
    this.#lists.clear();
    this.#writes++;
  }

  /** ascending */
  async keys(bucket: string, prefix: string): Promise<readonly string[]> {
    const name = printPlace({ bucket, key: prefix });
    const known = this.#lists.get(name);
    if (known !== undefined) return known;
    const writes = this.#writes;
    const keys: string[] = [];
    let token: string | undefined;
    do {
      const from = { Bucket: bucket, Prefix: prefix };
      const command = new ListObjectsV2Command(token === undefined ? from : { ...from, ContinuationToken: token });
      const page = await this.#client.send(command);
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) keys.push(Key);
      token = page.NextContinuationToken;
    } while (token !== undefined);
    keys.sort();
    if (this.#writes === writes) this.#lists.set(name, keys);
    return keys;
  }

  async exists({ bucket, key }: Place): Promise<boolean> {
    return (await this.keys(bucket, key)).includes(key);
  }

  async head({ bucket: Bucket, key: Key }: Place): Promise<Head | null> {
    const found = await orAbsent(() => this.#client.send(new HeadObjectCommand({ Bucket, Key })));
    if (found === null) return null;
    const { ContentLength: size = 0, ContentType: type = '', ETag = '', Metadata = {} } = found;
    const tags = await this.tags({ bucket: Bucket, key: Key });
    return { size, type, etag: ETag.replaceAll('"', '').toLowerCase(), marks: { ...Metadata, ...tags } };
  }

  async tags({ bucket: Bucket, key: Key }: Place): Promise<Record<string, string>> {
    const { TagSet = [] } = await this.#client.send(new GetObjectTaggingCommand({ Bucket, Key }));
    return Object.fromEntries(TagSet.map(({ Key: name = '', Value: value = '' }) => [name, value]));
  }

  async setTags({ bucket: Bucket, key: Key }: Place, tags: Readonly<Record<string, string>>): Promise<void> {
    const TagSet = Object.entries(tags).map(([name, value]) => ({ Key: name, Value: value }));
    await this.#client.send(new PutObjectTaggingCommand({ Bucket, Key, Tagging: { TagSet } }));
  }

  async copy(from: Place, to: Place): Promise<void> {
    const CopySource = `${from.bucket}/${from.key.split('/').map(encodeURIComponent).join('/')}`;
    await this.#client.send(new CopyObjectCommand({ Bucket: to.bucket, Key: to.key, CopySource }));
    this.#forget(to);
  }

  /** @param disposition under which name it is to be saved, as a header says it */
  signed({ bucket: Bucket, key: Key }: Place, disposition: string | null): Promise<string> {
    const as = disposition === null ? {} : { ResponseContentDisposition: disposition };
    return getSignedUrl(this.#client, new GetObjectCommand({ Bucket, Key, ...as }), { expiresIn: 3600 });
  }

  [Symbol.dispose](): void {
    this.#client.destroy();
  }
}

async function orAbsent<T>(request: () => Promise<T>): Promise<T | null> {
  try {
    return await request();
  } catch (error) {
    const { name, $metadata } = error as { name: string; $metadata?: { httpStatusCode?: number } };
    if (name === 'NotFound' || name === 'NoSuchKey' || $metadata?.httpStatusCode === 404) return null;
    throw error;
  }
}
