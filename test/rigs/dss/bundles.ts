import { z } from 'zod';
import { type Caller, forbidden } from './accounts.ts';
import {
  type Answer,
  type Asked,
  answered,
  illegal,
  notFound,
  Problem,
  replicaOf,
  required,
  versionAt,
  versionOf,
} from './answers.ts';
import {
  type BundleDocument,
  type BundleFile,
  bundleDocument,
  bundleKey,
  deadKey,
  type FileDocument,
  parseBundleKey,
  type Tombstone,
  type WantedFile,
  wantedFile,
} from './documents.ts';
import type { DssStorage } from './storage.ts';

const putBody = z.looseObject({ creator_uid: z.int(), files: z.array(wantedFile) });
const patchBody = z.strictObject({
  add_files: z.array(wantedFile).max(1000).default([]),
  remove_files: z
    .array(z.looseObject({ uuid: z.string(), version: z.string(), name: z.string() }))
    .max(1000)
    .default([]),
});
const deleteBody = z.looseObject({ reason: z.string() });

export interface BundleName {
  readonly uuid: string;
  readonly version: string;
}

/** What happens to bundles, and whoever wants to know of it. */
export interface Happenings {
  created(name: BundleName): Promise<void>;
  /** @param versions that are dead now */
  buried(tombstone: Tombstone, versions: readonly BundleName[]): Promise<void>;
}

export interface BundleParts {
  readonly storage: DssStorage;
  readonly main: string;
  readonly findFile: (uuid: string, version: string) => Promise<FileDocument | null>;
  readonly admins: ReadonlySet<string>;
  readonly happenings: Happenings;
  readonly now: () => number;
}

/** Bundles of the store: immutable versions of lists of files. */
export class Bundles {
  readonly #parts: BundleParts;

  constructor(parts: BundleParts) {
    this.#parts = parts;
  }

  /** Names of living bundles whose uuid begins so, in the order of their keys. */
  async living(prefix: string): Promise<readonly BundleName[]> {
    const keys = (await this.#parts.storage.keys(this.#parts.main, `bundles/${prefix}`)).map(parseBundleKey);
    const dead = new Set(keys.filter((key) => key.dead).map(({ uuid, version }) => JSON.stringify([uuid, version])));
    const isDead = (uuid: string, version: string | null) => dead.has(JSON.stringify([uuid, version]));
    return keys.flatMap(({ uuid, version, dead: isTombstone }) =>
      isTombstone || version === null || isDead(uuid, version) || isDead(uuid, null) ? [] : [{ uuid, version }],
    );
  }

  /** A living version, or the greatest. @throws Problem `not_found` */
  async find(uuid: string, version: string | null): Promise<{ name: BundleName; document: BundleDocument }> {
    const names = await this.living(`${uuid}.`);
    const name = version === null ? names.at(-1) : names.find((one) => one.version === version);
    if (name === undefined) throw notFound('Cannot find bundle!');
    return { name, document: await this.read(name) };
  }

  /** A version, dead or not. */
  async read({ uuid, version }: BundleName): Promise<BundleDocument> {
    const { storage, main: bucket } = this.#parts;
    return bundleDocument.parse(await storage.json({ bucket, key: bundleKey(uuid, version) }));
  }

  async put(asked: Asked): Promise<Answer> {
    replicaOf(asked);
    const uuid = uuidOf(asked);
    const version = versionOf(asked);
    if (version === null) throw illegal("Missing query parameter 'version'");
    const { data } = putBody.safeParse(asked.body);
    if (data === undefined) throw illegal('The body lists no files');
    const { document, written } = await this.#write({ uuid, version }, data.creator_uid, data.files);
    return answered(written ? 201 : 200, { version, manifest: document });
  }

  async patch(asked: Asked): Promise<Answer> {
    replicaOf(asked);
    required(asked, 'version');
    const { data } = patchBody.safeParse(asked.body);
    if (data === undefined) throw illegal('The body lists no files');
    const { document } = await this.find(uuidOf(asked), versionOf(asked));
    const gone = new Set(data.remove_files.map(({ name, uuid, version }) => JSON.stringify([name, uuid, version])));
    const kept = document.files.filter(({ name, uuid, version }) => !gone.has(JSON.stringify([name, uuid, version])));
    const files = [...kept, ...data.add_files].map(({ name, uuid, version, indexed }) => ({
      name,
      uuid,
      version,
      indexed,
    }));
    const name = { uuid: uuidOf(asked), version: versionAt(this.#parts.now()) };
    await this.#write(name, document.creator_uid, files);
    return answered(200, name);
  }

  async delete(asked: Asked, { email }: Caller): Promise<Answer> {
    replicaOf(asked);
    const uuid = uuidOf(asked);
    const version = versionOf(asked);
    if (!this.#parts.admins.has(email)) throw forbidden('Not an administrator.');
    const { data } = deleteBody.safeParse(asked.body);
    if (data === undefined) throw illegal('The body gives no reason');
    const tombstone: Tombstone = {
      ...{ email, reason: data.reason, admin_deleted: true },
      ...(version === null ? {} : { version }),
    };
    await this.#bury(uuid, version, tombstone);
    return answered(200, {});
  }

  async #bury(uuid: string, version: string | null, tombstone: Tombstone): Promise<void> {
    const { storage, main: bucket, happenings } = this.#parts;
    const prefix = version === null ? `bundles/${uuid}` : bundleKey(uuid, version);
    const keys = await storage.keys(bucket, prefix);
    if (keys.length === 0) throw notFound('Cannot find bundle!');
    const written = await storage.putOnce({ bucket, key: deadKey(uuid, version) }, tombstone);
    if (written === null) throw new Problem(409, 'bundle_tombstone_already_exists');
    const versions = keys.map(parseBundleKey).flatMap((one) => (one.dead || one.version === null ? [] : [one.version]));
    if (written)
      await happenings.buried(
        tombstone,
        versions.map((one) => ({ uuid, version: one })),
      );
  }

  async #write(name: BundleName, creator_uid: number, wanted: readonly WantedFile[]) {
    const { storage, main: bucket, happenings } = this.#parts;
    if (new Set(wanted.map((file) => file.name)).size < wanted.length) throw new Problem(400, 'duplicate_filename');
    const files: BundleFile[] = [];
    for (const file of wanted) files.push(await this.#described(file));
    const document: BundleDocument = { format: '0.0.1', version: name.version, creator_uid, files };
    const written = await storage.putOnce({ bucket, key: bundleKey(name.uuid, name.version) }, document);
    if (written === null) throw new Problem(409, 'bundle_already_exists');
    if (written) await happenings.created(name);
    return { document, written };
  }

  async #described({ uuid, version, name, indexed }: WantedFile): Promise<BundleFile> {
    const found = await this.#parts.findFile(uuid, version);
    if (found === null) throw new Problem(400, 'file_missing', `Could not find file ${uuid}.${version}`);
    const { format: _format, creator_uid: _creator, version: _version, ...facts } = found;
    return { name, uuid, version, indexed, ...facts };
  }
}

/** In lower case: so bundles are written. */
export const uuidOf = ({ parts }: Asked): string => (parts.uuid ?? '').toLowerCase();
