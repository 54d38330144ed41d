import { z } from 'zod';

/** The document of a version of a file (specification, dss 1.1). */
export const fileDocument = z.object({
  ...{ format: z.literal('0.0.4'), creator_uid: z.int(), version: z.string(), 'content-type': z.string() },
  ...{ size: z.int(), crc32c: z.string(), 's3-etag': z.string(), sha1: z.string(), sha256: z.string() },
});
export type FileDocument = z.output<typeof fileDocument>;

/** The document of a version of a bundle. */
export const bundleDocument = z.object({
  ...{ format: z.literal('0.0.1'), version: z.string(), creator_uid: z.int() },
  files: z.array(
    z.object({
      ...{ name: z.string(), uuid: z.string(), version: z.string(), 'content-type': z.string(), size: z.int() },
      ...{ indexed: z.boolean(), crc32c: z.string(), 's3-etag': z.string(), sha1: z.string(), sha256: z.string() },
    }),
  ),
});
export type BundleDocument = z.output<typeof bundleDocument>;
export type BundleFile = BundleDocument['files'][number];

export const tombstoneDocument = z.object({
  ...{ email: z.string(), reason: z.string(), admin_deleted: z.literal(true), version: z.string().optional() },
});
export type Tombstone = z.output<typeof tombstoneDocument>;

/** What a bundle is put as: which files it has, under which names. */
export const wantedFile = z.strictObject({
  ...{ uuid: z.string(), version: z.string(), name: z.string(), indexed: z.boolean() },
});
export type WantedFile = z.output<typeof wantedFile>;

export const blobKey = (sums: Pick<FileDocument, 'sha256' | 'sha1' | 's3-etag' | 'crc32c'>): string =>
  `blobs/${sums.sha256}.${sums.sha1}.${sums['s3-etag']}.${sums.crc32c}`;

export const fileKey = (uuid: string, version: string): string => `files/${uuid}.${version}`;
export const bundleKey = (uuid: string, version: string): string => `bundles/${uuid}.${version}`;
/** @param version null: all versions */
export const deadKey = (uuid: string, version: string | null): string =>
  version === null ? `bundles/${uuid}.dead` : `bundles/${uuid}.${version}.dead`;

/** Version and state of a bundle by its key below `bundles/`. */
export function parseBundleKey(key: string) {
  const [uuid = '', ...rest] = key.slice('bundles/'.length).split('.');
  const dead = rest.at(-1) === 'dead';
  const version = (dead ? rest.slice(0, -1) : rest).join('.');
  return { uuid, version: version === '' ? null : version, dead };
}
