import { z } from 'zod';
import { uuidSchema } from '../../../core/config/identities.ts';
import { NoAnswer } from './exchange.ts';
import type { Store } from './store.ts';
import { withoutColons } from './versions.ts';

const version = z.string().refine((text) => withoutColons(text) === text, 'is no version of a data store');

/** A version of a bundle, as a store writes it. */
export interface StoreFqid {
  readonly uuid: string;
  /** without colons */
  readonly version: string;
}

const listPage = z
  .looseObject({
    bundles: z.array(z.object({ uuid: uuidSchema, version })).max(1000),
    page_count: z.int().optional(),
  })
  .refine(({ bundles, page_count: count = bundles.length }) => count === bundles.length, 'is cut');

/** An entry of a manifest, with all its members. */
export const manifestFile = z.looseObject({
  ...{ name: z.string().min(1), uuid: uuidSchema, version, 'content-type': z.string() },
  ...{ size: z.int().min(0), indexed: z.boolean(), crc32c: z.string(), s3_etag: z.string() },
  ...{ sha1: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/i) },
});
export type ManifestFile = z.output<typeof manifestFile>;

const bundlePage = z.looseObject({
  bundle: z.looseObject({ uuid: uuidSchema, version, files: z.array(manifestFile).max(1000) }),
});

const listSize = '500';
const maxManifest = 2 ** 28;

/**
 * Living bundles of a store whose uuid begins so, in the order of their names.
 *
 * @throws as `Store.pages`; NoAnswer for a list that is out of order, as one with a page twice is
 */
export async function* listStore(
  store: Store,
  { replica, prefix }: { readonly replica: string; readonly prefix: string },
  signal: AbortSignal,
): AsyncGenerator<StoreFqid> {
  const query = { replica, per_page: listSize, ...(prefix === '' ? {} : { prefix }) };
  let last = '';
  for await (const { bundles } of store.pages({ path: '/bundles/all', query }, listPage, signal)) {
    for (const { uuid, version: own } of bundles) {
      const name = `${uuid}.${own}`;
      if (!uuid.startsWith(prefix)) throw new NoAnswer(`a list of '${prefix}' with bundle ${name}`);
      if (name <= last) throw new NoAnswer(`a list with bundle ${name} after ${last}`);
      last = name;
      yield { uuid, version: own };
    }
  }
}

/** What a store says of a bundle. */
export interface Manifest extends StoreFqid {
  /** in the order in which they were put */
  readonly files: readonly ManifestFile[];
}

/**
 * The manifest of a bundle.
 *
 * @param version without colons; null: the newest
 * @returns null where it is larger than any manifest
 * @throws StoreRefusal where there is none, and as `Store.pages`; NoAnswer for that of another bundle
 */
export async function readManifest(
  store: Store,
  {
    replica,
    uuid,
    version: wanted,
  }: { readonly replica: string; readonly uuid: string; readonly version: string | null },
  signal: AbortSignal,
): Promise<Manifest | null> {
  const query = { replica, per_page: listSize, ...(wanted === null ? {} : { version: wanted }) };
  const files: ManifestFile[] = [];
  let found = wanted;
  let bytes = 0;
  for await (const { bundle } of store.pages({ path: `/bundles/${uuid}`, query }, bundlePage, signal)) {
    found ??= bundle.version;
    if (bundle.uuid !== uuid || bundle.version !== found)
      throw new NoAnswer(`bundle ${bundle.uuid}.${bundle.version} for ${uuid}.${found}`);
    files.push(...bundle.files);
    bytes += JSON.stringify(bundle.files).length;
    if (bytes > maxManifest) return null;
  }
  return { uuid, version: found ?? '', files };
}
