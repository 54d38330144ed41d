import { z } from 'zod';
import { type Answer, type Asked, answered, illegal, notFound, Problem, replicaOf, versionOf } from './answers.ts';
import type { Checkouts } from './checkouts.ts';
import { blobKey, type FileDocument, fileDocument, fileKey } from './documents.ts';
import { type DssStorage, type Head, type Place, printPlace } from './storage.ts';

/** of source objects, by which the store believes them */
const sums = {
  sha256: /^[a-z0-9]{64}$/,
  sha1: /^[a-z0-9]{40}$/,
  s3_etag: /^[a-z0-9]{32}(-\d{1,5})?$/,
  crc32c: /^[a-z0-9]{8}$/,
};
const sourceBody = z.looseObject({ source_url: z.string(), creator_uid: z.int() });

export interface FileParts {
  readonly storage: DssStorage;
  readonly main: string;
  readonly checkouts: Checkouts;
  /** larger files whose blobs aren't there are copied later */
  readonly asyncBytes: number;
  /** whether copies end only when `finish` is called */
  readonly held: boolean;
}

/** Files of the store: immutable versions of documents that name blobs. */
export class Files {
  readonly #parts: FileParts;
  readonly #copies: (() => Promise<void>)[] = [];
  readonly #failed = new Set<string>();
  #tasks = 0;

  constructor(parts: FileParts) {
    this.#parts = parts;
  }

  /** The document of a version, or of the greatest. @returns null where there is none */
  async find(uuid: string, version: string | null): Promise<FileDocument | null> {
    const { storage, main: bucket } = this.#parts;
    const [key] =
      version === null ? (await storage.keys(bucket, `files/${uuid}.`)).slice(-1) : [fileKey(uuid, version)];
    return key === undefined ? null : fileDocument.nullable().parse(await storage.json({ bucket, key }));
  }

  async head(asked: Asked): Promise<Answer> {
    replicaOf(asked);
    return { status: 200, headers: dssHeaders(await this.#found(asked)) };
  }

  async get(asked: Asked): Promise<Answer> {
    replicaOf(asked);
    const document = await this.#found(asked);
    const { searchParams } = asked.url;
    const blob = { bucket: this.#parts.main, key: blobKey(document) };
    const ready = await this.#parts.checkouts.file(blob, searchParams.get('token'));
    if ('token' in ready) return movedTo(asked, { token: ready.token, version: document.version }, ready.seconds);
    const location = searchParams.get('directurl')
      ? printPlace(ready.place)
      : await this.#parts.storage.signed(ready.place, searchParams.get('content_disposition'));
    return { status: 302, headers: { Location: location, ...dssHeaders(document) } };
  }

  async put(asked: Asked): Promise<Answer> {
    const { uuid = '' } = asked.parts;
    const version = versionOf(asked);
    if (version === null) throw illegal("Missing query parameter 'version'");
    const { data } = sourceBody.safeParse(asked.body);
    if (data === undefined) throw illegal('The body names no source_url');
    const source = parseSource(data.source_url);
    const found = await this.#parts.storage.head(source);
    if (found === null) throw new Problem(500, 'unhandled_exception', `There is no ${data.source_url}`);
    const document = documentOf(found, version, data.creator_uid);
    const known = await this.find(uuid, version);
    if (known !== null) return this.#write(uuid, document);
    const blob = { bucket: this.#parts.main, key: blobKey(document) };
    if (await this.#parts.storage.exists(blob)) return this.#write(uuid, document);
    if (found.size <= this.#parts.asyncBytes) {
      if (!(await this.#copied(source, blob, document))) throw new Problem(422, 'invalid_checksum');
      return this.#write(uuid, document);
    }
    this.#later(async () => {
      if (await this.#copied(source, blob, document)) await this.#write(uuid, document);
      else this.#failed.add(fileKey(uuid, version));
    });
    this.#tasks++;
    return answered(202, { version, task_id: `task-${this.#tasks}` });
  }

  /** Ends the copies that are being made. */
  async finish(): Promise<void> {
    for (let copy = this.#copies.shift(); copy !== undefined; copy = this.#copies.shift()) await copy();
  }

  #later(copy: () => Promise<void>): void {
    this.#copies.push(copy);
    if (!this.#parts.held) setImmediate(() => void this.finish());
  }

  async #found(asked: Asked): Promise<FileDocument> {
    const { uuid = '' } = asked.parts;
    const version = versionOf(asked);
    if (version !== null && this.#failed.has(fileKey(uuid, version))) throw new Problem(422, 'missing_checksum');
    const document = await this.find(uuid, version);
    if (document === null) throw notFound('Cannot find file!');
    return document;
  }

  /** @returns whether the copy has the ETag that was promised; no other sum is looked at */
  async #copied(source: Place, blob: Place, document: FileDocument): Promise<boolean> {
    const { storage, checkouts } = this.#parts;
    if (source.bucket !== blob.bucket || source.key !== blob.key) await storage.copy(source, blob);
    const copy = await storage.head(blob);
    if (copy?.etag === document['s3-etag']) {
      await checkouts.keep(blob, document);
      return true;
    }
    await storage.delete(blob);
    return false;
  }

  async #write(uuid: string, document: FileDocument): Promise<Answer> {
    const place = { bucket: this.#parts.main, key: fileKey(uuid, document.version) };
    const written = await this.#parts.storage.putOnce(place, document);
    if (written === null) throw new Problem(409, 'file_already_exists');
    return answered(written ? 201 : 200, { version: document.version });
  }
}

/** The same request again, with more that it knows. */
export function movedTo({ url }: Asked, more: Readonly<Record<string, string>>, seconds: number): Answer {
  const location = new URL(url);
  for (const [name, value] of Object.entries(more)) location.searchParams.set(name, value);
  return { status: 301, headers: { Location: location.href, 'Retry-After': String(seconds) } };
}

function parseSource(source: string): Place {
  const [, scheme, bucket, key] = /^(\w+):\/\/([^/]+)\/(.+)$/.exec(source) ?? [];
  if (scheme !== 's3' || bucket === undefined || key === undefined) throw new Problem(400, 'unknown_source_schema');
  return { bucket, key };
}

/** What the marks of a source object promise (specification, dss 1.2). */
function documentOf({ size, type, marks }: Head, version: string, creator_uid: number): FileDocument {
  const found = Object.entries(sums).map(([name, pattern]) => {
    const value = marks[`hca-dss-${name}`]?.toLowerCase();
    if (value === undefined) throw new Problem(422, 'missing_checksum', `No hca-dss-${name}`);
    if (!pattern.test(value)) throw new Problem(422, 'invalid_checksum', `hca-dss-${name} is ${value}`);
    return value;
  });
  const [sha256 = '', sha1 = '', etag = '', crc32c = ''] = found;
  const sumsOf = { crc32c, 's3-etag': etag, sha1, sha256 };
  return { format: '0.0.4', creator_uid, version, 'content-type': type, size, ...sumsOf };
}

function dssHeaders(document: FileDocument): Record<string, string> {
  const { format: _format, ...facts } = document;
  const named = Object.entries(facts).map(([name, value]) => [`X-DSS-${name.replace('_', '-').toUpperCase()}`, value]);
  return Object.fromEntries(named.map(([name, value]) => [name, String(value)]));
}
