import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { Environment } from '../../config/environment.ts';
import type { ObjectStore } from '../../runtime/ports.ts';
import { writeAtomically } from '../atomic-file.ts';
import { checkKey, checkPrefix } from '../keys.ts';
import { errorCode, storageUnavailable } from '../storage-errors.ts';
import { askS3, isAbsent, s3Client } from './requests.ts';

/** A staged table may take a while. */
const answerMillis = 60_000;

/** Where the objects are, and the folder that mirrors those of which a local file is asked for. */
export interface S3Place {
  readonly region: string;
  readonly endpoint?: string | undefined;
  readonly bucket: string;
  readonly mirror: string;
}

/**
 * Objects in a bucket of S3, with strong consistency and conditional puts as S3 has them. The mirror
 * grows with the objects that are read through it, one file for each content; it may be deleted when
 * no process uses it.
 *
 * All methods throw LazuliError: `configuration_invalid` for a key that can't be one,
 * `staging_unavailable` when S3 refuses or doesn't answer, or the mirror's disk is full.
 */
export class S3Store implements ObjectStore {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #mirror: string;

  constructor({ bucket, mirror, ...place }: S3Place, environment: Environment = process.env) {
    this.#client = s3Client({ ...place, answerMillis }, environment);
    this.#bucket = bucket;
    this.#mirror = resolve(mirror);
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    const command = new PutObjectCommand({ ...this.#at(key), Body: value });
    await this.#asked(key, () => this.#client.send(command));
  }

  async putIfAbsent(key: string, value: Uint8Array): Promise<boolean> {
    const command = new PutObjectCommand({ ...this.#at(key), Body: value, IfNoneMatch: '*' });
    return this.#asked(key, async () => {
      try {
        await this.#client.send(command);
        return true;
      } catch (error) {
        if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 412) return false;
        throw error;
      }
    });
  }

  async get(key: string): Promise<Uint8Array | null> {
    const command = new GetObjectCommand(this.#at(key));
    return this.#asked(key, () =>
      absentAsNull(async () => (await (await this.#client.send(command)).Body?.transformToByteArray()) ?? null),
    );
  }

  async delete(key: string): Promise<void> {
    const command = new DeleteObjectCommand(this.#at(key));
    await this.#asked(key, () => this.#client.send(command));
  }

  async *list(prefix: string): AsyncGenerator<string> {
    const from = { Bucket: this.#bucket, Prefix: checkPrefix(prefix) };
    let token: string | undefined;
    do {
      const command = new ListObjectsV2Command(token === undefined ? from : { ...from, ContinuationToken: token });
      const page = await this.#asked(prefix, () => this.#client.send(command));
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
      token = page.NextContinuationToken;
    } while (token !== undefined);
  }

  /** The object as it is now: what was mirrored of another content is not used. */
  async localPath(key: string): Promise<string> {
    const head = new HeadObjectCommand(this.#at(key));
    const tag = await this.#asked(key, () => absentAsNull(async () => (await this.#client.send(head)).ETag ?? ''));
    const file = join(this.#mirror, `${key}.${tag?.replaceAll(/\W/g, '') ?? 'absent'}`);
    if (tag === null || (await exists(file))) return file;
    const value = await this.get(key);
    if (value !== null) await writeAtomically(file, value);
    return file;
  }

  close(): void {
    this.#client.destroy();
  }

  #at(key: string): { readonly Bucket: string; readonly Key: string } {
    return { Bucket: this.#bucket, Key: checkKey(key) };
  }

  #asked<T>(key: string, request: () => Promise<T>): Promise<T> {
    return askS3({ bucket: this.#bucket, key }, request);
  }
}

async function absentAsNull<T>(request: () => Promise<T>): Promise<T | null> {
  try {
    return await request();
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw storageUnavailable(file, error);
  }
}
