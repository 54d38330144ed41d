import { invalid, isObject, type JsonObject, Members, show } from '../members.ts';
import { uuidOf } from './identifiers.ts';
import { utcTimestamp } from './timestamps.ts';

/** What the bundle's manifest says about a data file (specification, plugin-hca 1). */
export interface ManifestEntry {
  readonly name: string;
  readonly uuid: string;
  readonly version: string;
  readonly contentType: string | null;
  readonly size: number;
  readonly indexed: boolean;
  readonly crc32c: string;
  readonly sha256: string;
  readonly drsUri: string | null;
  /** where the file is a member of a zarr store */
  readonly zarr: { readonly store: string; readonly member: string } | null;
}

/**
 * @param drsDomain given where DRS URIs are made from the file's uuid and version
 * @throws LazuliError `bundle_invalid`
 */
export function readManifestEntry(manifest: JsonObject, key: string, drsDomain: string | undefined): ManifestEntry {
  const json = Object.hasOwn(manifest, key) ? manifest[key] : undefined;
  if (!isObject(json))
    throw invalid(key, '', `The manifest has no entry for '${key}'`, 'Add the entry of the data file.');
  const entry = new Members(key, json, 'manifest');
  const name = entry.fullText('name').replaceAll('!', '/');
  const uuid = uuidOf(entry, 'uuid');
  const version = versionOf(entry);
  return {
    name,
    uuid,
    version,
    contentType: entry.text('content-type'),
    size: entry.count('size'),
    indexed: entry.optionalBoolean('indexed') ?? missing(entry, 'indexed'),
    crc32c: entry.fullText('crc32c'),
    sha256: entry.fullText('sha256'),
    drsUri: drsDomain === undefined ? entry.optionalText('drs_uri') : drsUri(drsDomain, uuid, version),
    zarr: zarrMember(name),
  };
}

/** As it stands; by its text the versions of a file are in order. */
function versionOf(entry: Members): string {
  const version = entry.fullText('version');
  if (utcTimestamp(version) !== undefined) return version;
  throw entry.error('version', `is no timestamp: ${show(version)}`, 'Write it like 2018-11-02T10:03:39.600000Z.');
}

function missing(entry: Members, name: string): never {
  throw entry.error(name, 'is missing', 'Add it to the manifest entry of this file.');
}

function drsUri(domain: string, uuid: string, version: string): string {
  return `drs://${domain}/${uuid}?version=${encodeURIComponent(version)}`;
}

const zarr = '.zarr/';

function zarrMember(name: string): ManifestEntry['zarr'] {
  const at = name.indexOf(zarr);
  return at < 0 ? null : { store: name.slice(0, at), member: name.slice(at + zarr.length) };
}

/** Whether documents show a file: of a zarr store they show the representative only. */
export function isShown({ zarr }: ManifestEntry): boolean {
  return zarr === null || zarr.member.endsWith('.zattrs');
}
