import { LazuliError } from '../../core/config/errors.ts';
import type { DrsCaller } from '../../core/drs/client.ts';
import type { Identity } from '../../core/model/authentication.ts';
import type { FileBytes } from '../../core/model/file-bytes.ts';
import type { DataFile, FilePlace } from '../../core/model/repository.ts';
import type { Catalog } from '../catalogs.ts';
import { fromRepository } from '../http/from-repository.ts';

/** How somebody gets a file; null: not at all at present. */
export type Located =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'later'; readonly seconds: number }
  | { readonly kind: 'own'; readonly file: FileBytes }
  | null;

/** Who gets it: as who they are known here, and how they ask DRS servers. */
export interface Receiver {
  readonly identity: Identity;
  readonly drs: DrsCaller;
}

/** Whoever has a signed URL. */
const anybody: Identity = { subject: null };

/** @throws LazuliError `unavailable`, `unauthorized`, `too_many_requests`, `forbidden`, `download_failed` */
export async function locate(catalog: Catalog, file: DataFile, { identity, drs }: Receiver): Promise<Located> {
  const place = await placeOf(catalog, file, identity);
  if (place?.kind !== 'drs') return place;
  if (catalog.drs === null) return null;
  const found = await catalog.drs.locate(place.uri, drs);
  if (found === null) return null;
  return 'url' in found ? { kind: 'url', url: found.url } : { kind: 'later', seconds: found.retryAfter };
}

/** Bytes of a file that the service sends itself. @throws LazuliError `gone` where it doesn't any more, `unavailable` */
export async function ownBytes(catalog: Catalog, file: DataFile): Promise<FileBytes> {
  const place = await placeOf(catalog, file, anybody);
  if (place?.kind === 'own') return place.file;
  throw new LazuliError('gone', `File '${file.uuid}' with version '${file.version}' isn't there any more.`, {
    remedy: 'Ask for it again.',
  });
}

async function placeOf({ repository }: Catalog, file: DataFile, identity: Identity): Promise<FilePlace | null> {
  if (repository.locateFile === undefined) return file.drsUri === null ? null : { kind: 'drs', uri: file.drsUri };
  return fromRepository(
    'where the file is',
    async (signal) => (await repository.locateFile?.(file, identity, signal)) ?? null,
  );
}
