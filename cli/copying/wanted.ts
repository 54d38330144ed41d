import { createReadStream } from 'node:fs';
import { LazuliError } from '../../core/config/errors.ts';
import { uuidPattern } from '../../core/config/identities.ts';
import { withoutColons } from '../../plugins/repository/dss/versions.ts';
import { tsvRows } from './tsv.ts';

/** A bundle that is to be copied. */
export interface WantedBundle {
  readonly uuid: string;
  /** without colons; null: the newest */
  readonly version: string | null;
}

export interface WantedOptions {
  /** `UUID` or `UUID.VERSION` */
  readonly bundle?: readonly string[];
  /** path of a table */
  readonly manifest?: string;
  readonly prefix?: string;
  readonly suffix?: string;
}

const columns = ['bundle_uuid', 'bundle_version'] as const;

/** Bundles that options name, each once, in their order. @throws LazuliError `usage` */
export async function wantedBundles({ bundle, manifest, prefix = '', suffix = '' }: WantedOptions) {
  if ((bundle === undefined) === (manifest === undefined))
    throw usage('Which bundles?', 'Give --bundle, or --manifest with a table of them.');
  const named = bundle === undefined ? await listedIn(manifest ?? '') : bundle.map((name) => parseName(name));
  const found = new Map<string, WantedBundle>();
  for (const one of named)
    if (one.uuid.startsWith(prefix.toLowerCase()) && one.uuid.endsWith(suffix.toLowerCase()))
      found.set(JSON.stringify([one.uuid, one.version]), one);
  return [...found.values()];
}

function parseName(name: string): WantedBundle {
  const [, uuid = '', version] = /^([^.]*)(?:\.(.*))?$/s.exec(name) ?? [];
  return bundleOf(uuid, version ?? null, 'Write it as UUID.VERSION, or as UUID for the newest version.');
}

async function listedIn(file: string): Promise<readonly WantedBundle[]> {
  const found = new Map<string, WantedBundle>();
  let places: readonly number[] | null = null;
  let line = 0;
  try {
    for await (const row of tsvRows(createReadStream(file))) {
      line++;
      if (places === null) {
        places = columns.map((column) => row.indexOf(column));
        if (places.includes(-1))
          throw usage(`${file} has no columns ${columns.join(' and ')}.`, 'Give it a header with them.');
        continue;
      }
      const [uuid = '', version = ''] = places.map((place) => row[place] ?? '');
      if (row.length === 1 && row[0] === '') continue;
      const one = bundleOf(uuid, version, `Correct row ${line} of ${file}.`);
      found.set(JSON.stringify([one.uuid, one.version]), one);
    }
  } catch (error) {
    if (error instanceof LazuliError) throw error;
    throw usage(
      `${file} can't be read: ${(error as Error).message}.`,
      'Name a table of tab-separated values in UTF-8.',
    );
  }
  return [...found.values()];
}

function bundleOf(uuid: string, version: string | null, remedy: string): WantedBundle {
  if (!uuidPattern.test(uuid)) throw usage(`'${uuid}' is no UUID of a bundle.`, remedy);
  const known = version === null ? null : withoutColons(version);
  if (version !== null && known === null) throw usage(`'${version}' is no version of a bundle.`, remedy);
  return { uuid: uuid.toLowerCase(), version: known };
}

const usage = (message: string, remedy: string): LazuliError => new LazuliError('usage', message, { remedy });
