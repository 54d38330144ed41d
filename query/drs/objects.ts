import { createHash } from 'node:crypto';
import { byCodePoint } from '../../core/config/text.ts';
import type { FoundBundle, FoundFile } from '../downloads/files.ts';
import type { DrsObject } from './schemas.ts';

/** By which an object names itself. */
export interface Naming {
  /** of this service, with its port if it has one */
  readonly host: string;
  /** that somebody asked for; undefined: the newest */
  readonly version: string | undefined;
}

/** The only access id of a file. */
export const accessId = 'https';

/**
 * A file as a DRS object.
 *
 * @param written when its bytes were last changed, where that is known; milliseconds since the epoch
 * @returns null for one of which too little is known
 */
export function fileObject(file: FoundFile, written: number | null, naming: Naming): DrsObject | null {
  const { uuid, name, size, version } = file;
  const created = timeOf(version) ?? (written === null ? null : new Date(written).toISOString());
  const checksums = Object.entries(file.checksums).map(([type, checksum]) => ({ type, checksum }));
  if (size === null || created === null || checksums.length === 0) return null;
  return {
    ...{
      id: uuid,
      name: portable(name),
      self_uri: selfUri(uuid, naming),
      size,
      created_time: created,
      version,
      checksums,
    },
    access_methods: [{ type: 'https', access_id: accessId }],
  };
}

/**
 * A bundle of metadata as a DRS bundle of its data files.
 *
 * @returns null for one of which too little is known
 */
export function bundleObject(uuid: string, { version, files }: FoundBundle, naming: Naming): DrsObject | null {
  const created =
    timeOf(version ?? '') ??
    files
      .flatMap((file) => timeOf(file.version) ?? [])
      .sort(byCodePoint)
      .at(-1);
  const checksums = bundleChecksums(files);
  if (created === undefined || checksums.length === 0) return null;
  const names = distinct(files.map(({ name }) => portable(name)));
  return {
    ...{ id: uuid, name: uuid, self_uri: selfUri(uuid, naming), created_time: created, checksums },
    ...(version === null ? {} : { version }),
    size: files.reduce((sum, { size }) => sum + (size ?? 0), 0),
    contents: files.map(({ uuid: id, version: of, drsUri }, i) => ({
      ...{ id, name: names[i] ?? id },
      drs_uri: [drsUri ?? selfUri(id, { host: naming.host, version: of })],
    })),
  };
}

/** Of the sorted checksums of all files, for the kinds that each of them has. */
function bundleChecksums(files: readonly FoundFile[]): DrsObject['checksums'] {
  const sums = files.map(({ checksums }) => checksums['sha-256']);
  const known = sums.filter((sum) => sum !== undefined);
  if (known.length < sums.length) return [];
  const checksum = createHash('sha256').update(known.sort(byCodePoint).join('')).digest('hex');
  return [{ type: 'sha-256', checksum }];
}

function selfUri(id: string, { host, version }: Naming): string {
  const query = version === undefined ? '' : `?version=${encodeURIComponent(version)}`;
  return `drs://${host}/${encodeURIComponent(id)}${query}`;
}

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const timeOf = (version: string): string | null => (timestamp.test(version) ? version : null);

/** What POSIX calls a portable file name. */
const portable = (name: string): string => name.replace(/[^A-Za-z0-9._-]/g, '_');

/** The same names, of which equal ones get a number. */
function distinct(names: readonly string[]): readonly string[] {
  const taken = new Set(names);
  const given = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let number = 1; given.has(own) || (own !== name && taken.has(own)); number++) own = `${number}_${name}`;
    given.add(own);
    return own;
  });
}
