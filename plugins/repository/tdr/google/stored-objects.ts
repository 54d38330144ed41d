import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { CRC32C, Storage } from '@google-cloud/storage';
import { z } from 'zod';
import { LazuliError } from '../../../../core/config/errors.ts';
import { orAborted } from '../../../../core/runtime/aborted.ts';
import { fullJitter } from '../../../../core/runtime/backoff.ts';
import { systemClock } from '../../../../core/runtime/clock.ts';
import { inTime } from '../../../../core/runtime/deadline.ts';
import type { Clock } from '../../../../core/runtime/ports.ts';
import { type ExportedObjects, ObjectGone } from '../api/exported-objects.ts';
import { Account, type Authorization } from './account.ts';

export interface StoredObjectsParts {
  /** URL of Cloud Storage, without path */
  readonly endpoint: string;
  readonly authorization: Authorization;
  readonly clock?: Clock;
}

/** What Cloud Storage says of an object (JSON API, Objects). Composed ones have no MD5. */
const metadataSchema = z.object({
  size: z.coerce.number().int().min(0),
  generation: z.coerce.string().regex(/^\d{1,20}$/),
  md5Hash: z.string().optional(),
  crc32c: z.string().optional(),
});
type Metadata = z.output<typeof metadataSchema>;

const pattern = /^gs:\/\/([a-z0-9][a-z0-9._-]{1,220})\/(.{1,1024})$/;
/** attempts in a row that bring nothing */
const attempts = 4;
const backoff = { baseMillis: 1_000, capMillis: 10_000 };
/** without any byte */
const stallMillis = 60_000;

/** Objects by their `gs://` paths, for an account that may read them (specification, tdr 2.2). */
export class StoredObjects implements ExportedObjects {
  readonly isSigned = false;
  readonly #storage: Storage;
  readonly #clock: Clock;

  constructor({ endpoint, authorization, clock = systemClock }: StoredObjectsParts) {
    this.#clock = clock;
    this.#storage = new Storage({
      ...{ projectId: 'none', apiEndpoint: endpoint, useAuthWithCustomEndpoint: true },
      authClient: new Account(authorization),
      retryOptions: { autoRetry: false },
    });
  }

  /**
   * Brings an object to this machine. Where a connection breaks, it goes on from there, and so it does with what a file
   * has already. At the end all is compared with size and checksum.
   *
   * @param where a `gs://` path
   * @param file path
   * @returns bytes
   * @throws ObjectGone, or LazuliError `repository_unavailable`
   */
  async bring(where: string, file: string, maxBytes: number, signal: AbortSignal): Promise<number> {
    const [, bucket, key] = pattern.exec(where) ?? [];
    if (bucket === undefined || key === undefined) throw unavailable(`${where.slice(0, 200)} is no path of an object`);
    const metadata = await this.#trying(where, signal, () => this.#metadata(bucket, key, signal));
    if (metadata.size > maxBytes)
      throw unavailable(`${where} has ${metadata.size} bytes, and there is room for ${maxBytes}`);
    const handle = await open(file, 'a+', 0o600);
    try {
      const part = await Part.of(handle, file, metadata);
      await this.#trying(
        where,
        signal,
        () => this.#rest(bucket, key, part, signal),
        () => part.bytes,
      );
      if (part.isWhole()) return part.bytes;
      await handle.truncate(0);
      throw unavailable(`${where} came with another checksum than it has`);
    } finally {
      await handle.close();
    }
  }

  async #metadata(bucket: string, key: string, signal: AbortSignal): Promise<Metadata> {
    const answer = await orAborted(this.#storage.bucket(bucket).file(key).getMetadata(), signal);
    return metadataSchema.parse(answer[0]);
  }

  async #rest(bucket: string, key: string, part: Part, signal: AbortSignal): Promise<void> {
    const { size, generation } = part.metadata;
    if (part.bytes === size) return;
    const object = this.#storage.bucket(bucket).file(key, { generation });
    const stream = object.createReadStream({ start: part.bytes, end: size - 1, validation: false, decompress: false });
    const late = () => new Error('it stalls');
    const parts = stream[Symbol.asyncIterator]();
    try {
      for (;;) {
        const limits = { clock: this.#clock, millis: stallMillis, late, signal };
        const { done, value } = await inTime(limits, () => parts.next());
        if (done === true) break;
        await part.append(value);
      }
    } finally {
      stream.destroy();
    }
    if (part.bytes < size) throw new Error('it ends early');
  }

  /** Tries again for as long as something comes. @param progress what has come */
  async #trying<T>(
    where: string,
    signal: AbortSignal,
    work: () => Promise<T>,
    progress: () => number = () => 0,
  ): Promise<T> {
    for (let failures = 1; ; failures++) {
      signal.throwIfAborted();
      const before = progress();
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof LazuliError) throw error;
        const status = statusOf(error);
        if (status === 404) throw new ObjectGone(`${where} is not there`);
        if (progress() > before) failures = 1;
        const passes = status === null || status === 408 || status === 429 || status >= 500;
        if (!passes || failures >= attempts) throw unavailable(`${where}: ${status ?? messageOf(error)}`);
        await this.#clock.sleep(fullJitter(failures, backoff), signal);
      }
    }
  }
}

/** What of an object is here, with a checksum that grows with it. */
class Part {
  readonly metadata: Metadata;
  readonly #handle: FileHandle;
  readonly #md5: Hash | null;
  readonly #crc32c = new CRC32C();
  #bytes = 0;

  private constructor(handle: FileHandle, metadata: Metadata) {
    this.#handle = handle;
    this.metadata = metadata;
    this.#md5 = metadata.md5Hash === undefined ? null : createHash('md5');
  }

  static async of(handle: FileHandle, file: string, metadata: Metadata): Promise<Part> {
    const part = new Part(handle, metadata);
    if ((await handle.stat()).size > metadata.size) await handle.truncate(0);
    for await (const bytes of createReadStream(file)) part.#count(bytes);
    return part;
  }

  get bytes(): number {
    return this.#bytes;
  }

  async append(bytes: Uint8Array): Promise<void> {
    if (this.#bytes + bytes.length > this.metadata.size) throw unavailable('more bytes came than an object has');
    await this.#handle.appendFile(bytes);
    this.#count(bytes);
  }

  /** Compares with the checksum that costs least; an object has one at least. */
  isWhole(): boolean {
    const { size, md5Hash, crc32c } = this.metadata;
    if (this.#bytes !== size) return false;
    return this.#md5 === null ? this.#crc32c.validate(crc32c ?? '') : this.#md5.digest('base64') === md5Hash;
  }

  #count(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#md5 === null) this.#crc32c.update(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
    else this.#md5.update(bytes);
  }
}

/** Of HTTP; null where there was no answer. */
function statusOf(error: unknown): number | null {
  const { code, status } = error as { readonly code?: unknown; readonly status?: unknown };
  for (const one of [code, status]) if (Number.isInteger(Number(one)) && Number(one) >= 100) return Number(one);
  return null;
}

const messageOf = (error: unknown): string =>
  String((error as NodeJS.ErrnoException).code ?? (error as Error).message).slice(0, 200);

const unavailable = (why: string): LazuliError =>
  new LazuliError('repository_unavailable', `The files of an exported snapshot can't be had: ${why}`, {
    remedy:
      'Give the indexer account the right to read them, or raise `scratchBytes` of the catalog; ingest goes on by itself.',
  });
