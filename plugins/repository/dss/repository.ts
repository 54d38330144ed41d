import { LazuliError } from '../../../core/config/errors.ts';
import type { SourceRef } from '../../../core/config/sources.ts';
import type { Identity } from '../../../core/model/authentication.ts';
import type { BundleFqid } from '../../../core/model/bundle.ts';
import type { DataFile, FetchedBundle, FilePlace, Repository } from '../../../core/model/repository.ts';
import type { Clock } from '../../../core/runtime/ports.ts';
import { severalAtATime } from '../../../core/runtime/several.ts';
import { listStore, type Manifest, type ManifestFile, readManifest, type StoreFqid } from './answers.ts';
import { assemble } from './bundle.ts';
import { StoreCallbacks } from './callbacks.ts';
import { fetchContent } from './content.ts';
import { Downloads } from './downloads.ts';
import { NoAnswer } from './exchange.ts';
import { StoreRefusal } from './refusals.ts';
import { parseStoreSpec, type StoreSource } from './spec.ts';
import { type Authorize, Store } from './store.ts';
import { withColons, withoutColons } from './versions.ts';

export interface DssParts {
  /** source specs of the catalog */
  readonly sources: readonly string[];
  readonly replica: string;
  /** of the DRS server that has the data files; undefined: nobody says */
  readonly drsDomain: string | undefined;
  /** files of a bundle that are fetched at a time */
  readonly filesAtOnce: number;
  /** requests to a store that are on their way at a time */
  readonly requestsAtOnce: number;
  /** in whose name subscriptions are looked at and made; absent: in nobody's */
  readonly authorize?: Authorize | undefined;
  readonly clock: Clock;
}

interface OpenSource extends StoreSource {
  readonly store: Store;
}

/** Data stores (DSS) by their API (specification, dss; repository-plugins 2). All that they have is public. */
export class DssRepository implements Repository {
  readonly #parts: DssParts;
  readonly #sources: readonly OpenSource[];
  readonly #downloads: Downloads;
  readonly callbacks: StoreCallbacks;

  /** @throws LazuliError `configuration_invalid` */
  constructor(parts: DssParts) {
    this.#parts = parts;
    this.#downloads = new Downloads(parts.replica);
    this.callbacks = new StoreCallbacks({ ...parts, sources: parts.sources.map(parseStoreSpec) });
    const stores = new Map<string, Store>();
    this.#sources = parts.sources.map((spec) => {
      const source = parseStoreSpec(spec);
      const { clock, requestsAtOnce: atOnce } = parts;
      const store = stores.get(source.url) ?? new Store({ url: source.url, clock, atOnce });
      stores.set(source.url, store);
      return { ...source, store };
    });
  }

  async listSources(signal: AbortSignal): Promise<readonly SourceRef[]> {
    signal.throwIfAborted();
    return this.#sources.map(({ ref }) => ref);
  }

  async *listBundles(source: SourceRef, prefix: string, signal: AbortSignal): AsyncIterable<BundleFqid> {
    signal.throwIfAborted();
    const { ref, store, common } = this.#source(source.id);
    if (!prefix.startsWith(common) && !common.startsWith(prefix)) return;
    const wanted = prefix.length > common.length ? prefix : common;
    try {
      for await (const { uuid, version } of listStore(
        store,
        { replica: this.#parts.replica, prefix: wanted },
        signal,
      )) {
        signal.throwIfAborted();
        yield { source: ref, uuid, version: withColons(version) ?? version };
      }
    } catch (error) {
      throw asUnavailable(error, store, 'its list');
    }
    signal.throwIfAborted();
  }

  async fetchBundle(fqid: BundleFqid, maxBytes: number, signal: AbortSignal): Promise<FetchedBundle> {
    signal.throwIfAborted();
    const place = { bundle: `${fqid.uuid}.${fqid.version}` };
    try {
      const source = this.#source(fqid.source.id);
      const name = nameIn(source, fqid);
      const text = await this.#working(source.store, signal, () => this.#fetch(source.store, name, maxBytes, signal));
      const bytes = new TextEncoder().encode(text);
      if (bytes.length > maxBytes) throw tooLarge(bytes.length, maxBytes);
      const { drsDomain } = this.#parts;
      return { bytes, source: source.ref, attributes: drsDomain === undefined ? {} : { drs_domain: drsDomain } };
    } catch (error) {
      throw error instanceof LazuliError ? error.at(place) : error;
    }
  }

  async accessibleSources(_identity: Identity, signal: AbortSignal): Promise<ReadonlySet<string>> {
    return new Set((await this.listSources(signal)).map(({ id }) => id));
  }

  /** The first store that has the file says where. */
  async locateFile(file: DataFile, _identity: Identity, signal: AbortSignal): Promise<FilePlace | null> {
    signal.throwIfAborted();
    for (const store of new Set(this.#sources.map((source) => source.store))) {
      const place = await this.#downloads.locate(store, file, signal);
      if (place !== null) return place;
    }
    return null;
  }

  #source(id: string): OpenSource {
    const source = this.#sources.find(({ ref }) => ref.id === id);
    if (source !== undefined) return source;
    throw missing(`Source ${id} is not one of the catalog's`, 'Configure the source, or notify another one.');
  }

  async #fetch(store: Store, name: StoreFqid, maxBytes: number, signal: AbortSignal): Promise<string> {
    const { replica, filesAtOnce } = this.#parts;
    const manifest = await readManifest(store, { replica, ...name }, signal);
    const indexed = manifest?.files.filter(({ indexed: isIndexed }) => isIndexed) ?? [];
    const bytes = indexed.reduce((sum, { size }) => sum + size, 0);
    if (manifest === null || bytes > maxBytes) throw tooLarge(bytes, maxBytes);
    const contents = new Map<ManifestFile, Uint8Array>();
    const failed = new AbortController();
    const awake = AbortSignal.any([signal, failed.signal]);
    await severalAtATime(filesAtOnce, indexed, async (file) => {
      // Where one of them can't be had, the others are no longer wanted.
      const content = fetchContent({ store, replica, file }, awake);
      contents.set(file, await content.catch((error: unknown) => stop(failed, error)));
    }).catch((error: unknown) => {
      throw failed.signal.aborted ? failed.signal.reason : error;
    });
    return assembled(manifest, indexed, contents);
  }

  /**
   * What fails although the store works is the bundle's own fault: it is tried again, and becomes a dead letter. Where the store
   * doesn't work, its bundles wait.
   */
  async #working<T>(store: Store, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof StoreRefusal) throw refused(error);
      const isPassing = error instanceof NoAnswer || (error instanceof LazuliError && error.disposition === 'pause');
      if (!isPassing) throw error;
      const works = await store.works(this.#parts.replica, signal);
      throw works ? ownFault(error) : asUnavailable(error, store, 'the bundle');
    }
  }
}

function assembled(
  manifest: Manifest,
  indexed: readonly ManifestFile[],
  contents: ReadonlyMap<ManifestFile, Uint8Array>,
): string {
  return assemble(
    manifest,
    indexed.map((file) => ({ file, bytes: contents.get(file) ?? new Uint8Array() })),
  );
}

function stop(failed: AbortController, error: unknown): never {
  failed.abort(error);
  throw error;
}

function nameIn({ common, ref }: StoreSource, { uuid, version }: BundleFqid): StoreFqid {
  const [own, wanted] = [uuid.toLowerCase(), withoutColons(version)];
  if (wanted === null) throw missing(`'${version}' is no version of a data store`, 'Notify a version that it has.');
  if (own.startsWith(common)) return { uuid: own, version: wanted };
  throw missing(`Source ${ref.spec} has bundles that begin with ${common} only`, 'Correct the prefix of the source.');
}

const missing = (message: string, remedy: string): LazuliError =>
  new LazuliError('bundle_missing', message, { remedy });

function refused(error: StoreRefusal): LazuliError {
  if (error.status === 404)
    return missing('The data store has no such bundle, or one of its files is gone', 'Notify bundles that it has.');
  return new LazuliError('unavailable', `The data store refuses the bundle: ${error.message}`, {
    remedy: 'Correct what it says, then redrive.',
    cause: error,
  });
}

const ownFault = (error: Error): LazuliError =>
  new LazuliError('unavailable', `The data store works, but doesn't give this bundle: ${error.message}`, {
    remedy: 'Have the data store looked at, then redrive.',
    cause: error,
  });

function asUnavailable(error: unknown, { url }: Store, what: string): unknown {
  if (!(error instanceof NoAnswer || error instanceof StoreRefusal)) return error;
  return new LazuliError('repository_unavailable', `The data store at ${url} doesn't give ${what}: ${error.message}`, {
    remedy: 'Have the data store looked at; what needs it goes on by itself.',
    cause: error,
  });
}

const tooLarge = (bytes: number, maxBytes: number): LazuliError =>
  new LazuliError(
    'bundle_too_large',
    `The bundle has ${Math.max(bytes, maxBytes + 1)} bytes or more; ${maxBytes} is the limit`,
    {
      remedy: 'Raise limits.bundleBytes, or leave the bundle out.',
    },
  );
