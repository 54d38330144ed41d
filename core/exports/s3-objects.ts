import { open, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { Environment } from '../config/environment.ts';
import type { LazuliError } from '../config/errors.ts';
import type { ByteRange } from '../model/file-bytes.ts';
import { checkKey } from '../storage/keys.ts';
import { askS3, isAbsent, s3Client } from '../storage/s3/requests.ts';
import { attachment } from './file-names.ts';
import type { Offer, ResultObject, ResultObjects } from './objects.ts';

/** for one request, such as that of a part */
const answerMillis = 60_000;
/** Nobody else would ask again. */
const maxAttempts = 4;
const partBytes = 16 * 2 ** 20;
/** of one object, as S3 has it */
const maxParts = 10_000;

/** Where the objects are. */
export interface ResultsPlace {
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly bucket: string;
  /** of all keys, with a slash at its end */
  readonly prefix: string;
  /** of a part; tests have small ones */
  readonly partBytes?: number;
}

/** Results in a bucket of S3, which callers read there, by signed URLs. */
export class S3Objects implements ResultObjects {
  readonly #client: S3Client;
  readonly #place: ResultsPlace;

  constructor(place: ResultsPlace, environment: Environment = process.env) {
    const { region, endpoint } = place;
    this.#client = s3Client({ region, endpoint, answerMillis, maxAttempts }, environment);
    this.#place = place;
  }

  async put(name: string, file: string, ContentType: string): Promise<void> {
    const to = this.#at(name);
    await this.#asked(name, async () => {
      const { size } = await stat(file);
      const bytes = Math.max(this.#place.partBytes ?? partBytes, Math.ceil(size / maxParts));
      await using handle = await open(file, 'r');
      if (size > bytes) return await this.#putParts({ ...to, ContentType }, handle, { size, bytes });
      const Body = await partOf(handle, 0, size);
      await this.#client.send(new PutObjectCommand({ ...to, ContentType, Body }));
    });
  }

  async stat(name: string): Promise<ResultObject | null> {
    const command = new HeadObjectCommand(this.#at(name));
    return this.#asked(name, async () => {
      const { ContentLength, LastModified } = await this.#client.send(command);
      return { bytes: ContentLength ?? 0, written: LastModified?.getTime() ?? 0 };
    }).catch(absentAsNull);
  }

  async read(name: string, { first, last }: ByteRange): Promise<Readable> {
    const command = new GetObjectCommand({ ...this.#at(name), Range: `bytes=${first}-${last}` });
    return this.#asked(name, async () => (await this.#client.send(command)).Body as Readable);
  }

  async *list(): AsyncGenerator<string> {
    const { bucket: Bucket, prefix: Prefix } = this.#place;
    let token: string | undefined;
    do {
      const page = { Bucket, Prefix, ...(token === undefined ? {} : { ContinuationToken: token }) };
      const found = await this.#asked('', () => this.#client.send(new ListObjectsV2Command(page)));
      for (const { Key } of found.Contents ?? []) if (Key !== undefined) yield Key.slice(Prefix.length);
      token = found.NextContinuationToken;
    } while (token !== undefined);
  }

  async delete(name: string): Promise<void> {
    const command = new DeleteObjectCommand(this.#at(name));
    await this.#asked(name, () => this.#client.send(command));
  }

  async sign(name: string, { name: saved, contentType, seconds }: Offer): Promise<string> {
    const command = new GetObjectCommand({
      ...this.#at(name),
      ResponseContentDisposition: attachment(saved),
      ResponseContentType: contentType,
    });
    return this.#asked(name, () => getSignedUrl(this.#client, command, { expiresIn: seconds }));
  }

  close(): void {
    this.#client.destroy();
  }

  /** Part after part, so that few of them are in memory. What was begun and can't be ended goes; else it would cost for good. */
  async #putParts(to: Target, handle: FileHandle, { size, bytes }: { size: number; bytes: number }): Promise<void> {
    const { ContentType, ...at } = to;
    const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand(to));
    try {
      const Parts: { ETag: string | undefined; PartNumber: number }[] = [];
      for (let start = 0; start < size; start += bytes) {
        const PartNumber = Parts.length + 1;
        const Body = await partOf(handle, start, Math.min(bytes, size - start));
        const { ETag } = await this.#client.send(new UploadPartCommand({ ...at, UploadId, PartNumber, Body }));
        Parts.push({ ETag, PartNumber });
      }
      await this.#client.send(new CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }));
    } catch (error) {
      await this.#client.send(new AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => {});
      throw error;
    }
  }

  #at(name: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#place.bucket, Key: checkKey(this.#place.prefix + name) };
  }

  #asked<T>(name: string, request: () => Promise<T>): Promise<T> {
    const { bucket, prefix } = this.#place;
    return askS3({ bucket, key: prefix + name }, request);
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>;
interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly ContentType: string;
}

async function partOf(handle: FileHandle, start: number, length: number): Promise<Buffer> {
  const part = Buffer.allocUnsafe(length);
  for (let filled = 0; filled < length; ) {
    const { bytesRead } = await handle.read(part, filled, length - filled, start + filled);
    if (bytesRead === 0) throw new Error('The file became shorter while it was read');
    filled += bytesRead;
  }
  return part;
}

function absentAsNull(error: LazuliError): null {
  if (isAbsent(error.cause)) return null;
  throw error;
}
