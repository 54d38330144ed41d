import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { LazuliError } from '../../../core/config/errors.ts';
import { parseSourceSpec, type SourceRef } from '../../../core/config/sources.ts';
import { jsonTextOf } from '../../../core/config/text.ts';
import type { Identity } from '../../../core/model/authentication.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import type { Portal } from '../../../core/model/portals.ts';
import type { DataFile, FetchedBundle, FilePlace, Repository } from '../../../core/model/repository.ts';
import { orAborted } from '../../../core/runtime/aborted.ts';
import { findDataFile } from './data-files.ts';
import { bundleName, type CannedIndex, type CannedSource, parseIndexFile } from './index-file.ts';
import { fileInside, isAbsent } from './inside.ts';
import { readPortals } from './portals.ts';

/** A folder with `bundles.json`, which is read again whenever it has changed. */
export class CannedRepository implements Repository {
  readonly answersAtOnce = true;
  readonly #folder: string;
  readonly #configured: readonly string[];
  #index: { readonly stamp: string; readonly content: Promise<CannedIndex> } | undefined;

  /** @param configured source specs of the catalog; none means every source of the folder */
  constructor(folder: string, configured: readonly string[]) {
    this.#folder = folder;
    this.#configured = configured;
  }

  async listSources(signal: AbortSignal): Promise<readonly SourceRef[]> {
    return (await this.#sources(signal)).map(({ ref }) => ref);
  }

  async *listBundles(source: SourceRef, prefix: string, signal: AbortSignal): AsyncIterable<BundleFqid> {
    const { bundles } = await this.#read(signal);
    for (const { uuid, version, source: own } of bundles.values()) {
      signal.throwIfAborted();
      if (own.id === source.id && uuid.startsWith(prefix)) yield { source: own, uuid, version };
    }
  }

  async fetchBundle(
    { source, uuid, version }: BundleFqid,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<FetchedBundle> {
    const place = { bundle: `${uuid}.${version}` };
    const { bundles, drsDomain } = await this.#read(signal);
    const bundle = bundles.get(bundleName(source.id, uuid, version));
    if (bundle === undefined) {
      throw new LazuliError('bundle_missing', `bundles.json has no such bundle of source ${source.id}`, {
        place,
        remedy: 'Add it to bundles.json, then redrive.',
      });
    }
    if (!isConfigured(bundle.source.spec, this.#configured)) {
      throw new LazuliError('bundle_missing', `Source ${bundle.source.spec} is not one of the catalog's`, {
        place,
        remedy: 'Configure the source for this catalog, or notify another one.',
      });
    }
    const bytes = await readWithin(this.#folder, bundle.file, { maxBytes, signal }).catch((error: unknown) => {
      throw error instanceof LazuliError ? error.at(place) : error;
    });
    return { bytes, source: bundle.source, attributes: drsDomain === undefined ? {} : { drs_domain: drsDomain } };
  }

  async accessibleSources({ subject }: Identity, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const sources = await this.#sources(signal);
    const mayRead = (source: CannedSource) => source.public || (subject !== null && source.readers.includes(subject));
    return new Set(sources.filter(mayRead).map(({ ref }) => ref.id));
  }

  async listPortals(signal: AbortSignal): Promise<readonly Portal[]> {
    return orAborted(readPortals(this.#folder, await this.listSources(signal)), signal);
  }

  /** Data files of the folder are sent; others are where their DRS URIs say. */
  async locateFile(file: DataFile, _caller: Identity, signal: AbortSignal): Promise<FilePlace | null> {
    const own = await orAborted(findDataFile(this.#folder, file), signal);
    if (own !== null) return { kind: 'own', file: own };
    return file.drsUri === null ? null : { kind: 'drs', uri: file.drsUri };
  }

  async #sources(signal: AbortSignal): Promise<readonly CannedSource[]> {
    const { sources } = await this.#read(signal);
    return [...sources.values()].filter(({ ref }) => isConfigured(ref.spec, this.#configured));
  }

  /** What is read is shared, so one that waits no more ends nobody else's reading. */
  #read(signal: AbortSignal): Promise<CannedIndex> {
    signal.throwIfAborted();
    return orAborted(this.#readIndex(), signal);
  }

  async #readIndex(): Promise<CannedIndex> {
    const path = join(this.#folder, 'bundles.json');
    const stamp = await stampOf(path);
    if (this.#index?.stamp !== stamp) {
      this.#index = { stamp, content: readFile(path).then((bytes) => parseIndexFile(jsonTextOf(bytes), path)) };
    }
    try {
      return await this.#index.content;
    } catch (error) {
      // A file caught half-way through being written is not remembered.
      this.#index = undefined;
      throw unavailable(error, path);
    }
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch (error) {
    throw unavailable(error, path);
  }
}

/** A spec without a prefix allows any (specification, indexing 2.2). */
function isConfigured(spec: string, configured: readonly string[]): boolean {
  if (configured.length === 0 || configured.includes(spec)) return true;
  const { name } = parseSourceSpec(spec);
  return configured.some((allowed) => {
    const parsed = parseSourceSpec(allowed);
    return parsed.prefix === undefined && parsed.name === name;
  });
}

/** Reads a file of the folder, and of nowhere else, symbolic links resolved. */
async function readWithin(
  folder: string,
  file: string,
  { maxBytes, signal }: { maxBytes: number; signal: AbortSignal },
): Promise<Uint8Array> {
  try {
    signal.throwIfAborted();
    const found = await fileInside(folder, file);
    if (found === 'outside') throw unfit(`${file} is not inside the folder of the repository`);
    if (found === 'no file') throw unfit(`${file} is no file`);
    if (found.size > maxBytes) {
      throw new LazuliError('bundle_too_large', `${file} has ${found.size} bytes; ${maxBytes} is the limit`, {
        remedy: 'Split the bundle, or raise limits.bundleBytes.',
      });
    }
    return await readFile(found.path, { signal });
  } catch (error) {
    signal.throwIfAborted();
    throw missing(error, file);
  }
}

const unfit = (message: string): LazuliError =>
  new LazuliError('bundle_missing', message, { remedy: 'Correct `file` in bundles.json.' });

function missing(error: unknown, file: string): unknown {
  if (!isAbsent(error)) return unavailable(error, file);
  return new LazuliError('bundle_missing', `bundles.json names ${file}, which is not there`, {
    remedy: 'Put the file into the folder, then redrive.',
    cause: error,
  });
}

/** While the repository is open, a broken `bundles.json` is a fault that somebody will correct. */
function unavailable(error: unknown, path: string): LazuliError {
  if (error instanceof LazuliError && error.code !== 'configuration_invalid') return error;
  return new LazuliError('repository_unavailable', `Can't read ${path}: ${(error as Error).message}`, {
    remedy: 'Correct the folder of canned bundles; ingest goes on by itself.',
    cause: error,
  });
}
