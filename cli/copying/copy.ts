import { isDeepStrictEqual } from 'node:util';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { LazuliError } from '../../core/config/errors.ts';
import { jsonOrNothing } from '../../core/config/text.ts';
import { severalAtATime } from '../../core/runtime/several.ts';
import { type Manifest, type ManifestFile, readManifest } from '../../plugins/repository/dss/answers.ts';
import { type Exchanged, NoAnswer } from '../../plugins/repository/dss/exchange.ts';
import { StoreRefusal } from '../../plugins/repository/dss/refusals.ts';
import { copyFile, type FileCopying } from './copied-files.ts';
import type { VersionRule } from './versions.ts';
import type { WantedBundle } from './wanted.ts';

export interface Copying extends FileCopying {
  readonly rule: VersionRule;
  /** whether a second run gives the same versions: then what is there already is passed over */
  readonly isRepeatable: boolean;
  readonly dryRun: boolean;
}

/** Something that wasn't copied, and why: a file, or (null) the bundle itself. */
export interface Failure {
  readonly file: string | null;
  readonly reason: string;
}

/** What became of a bundle. `planned`: it would be copied. */
export interface CopiedBundle {
  readonly uuid: string;
  /** null where nobody could find out the newest */
  readonly version: string | null;
  /** of the copy */
  readonly copy: string | null;
  readonly outcome: 'copied' | 'there' | 'planned' | 'failed';
  readonly files: number;
  readonly failures: readonly Failure[];
}

const bundlesAtOnce = 4;
const filesAtOnce = 16;
/** files that bundles share are put once, of so many that were put last */
const remembered = 100_000;
/** of a bundle whose files the destination doesn't see yet */
const maxAttempts = 10;
const putAnswer = z.looseObject({ version: z.string() });

/**
 * Copies bundles from one data store to another (specification, dss 6), several at a time. What fails stops nothing else; only where a
 * store fails as a whole, or lets nobody in, everything ends.
 *
 * @param onBundle learns what became of each, and which of the wanted ones it is
 * @throws LazuliError `repository_unavailable`, `unauthorized`, `forbidden`; the reason of the signal
 */
export async function copyBundles(
  copying: Copying,
  wanted: readonly WantedBundle[],
  onBundle: (bundle: CopiedBundle, index: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const ended = new AbortController();
  const awake = AbortSignal.any([signal, ended.signal]);
  const run = new Run(copying, awake);
  try {
    await severalAtATime(bundlesAtOnce, wanted.entries(), async ([index, bundle]) => {
      awake.throwIfAborted();
      onBundle(await run.copy(bundle).catch((error: unknown) => stop(ended, error)), index);
    });
  } catch (error) {
    signal.throwIfAborted();
    throw ended.signal.aborted ? ended.signal.reason : error;
  }
}

function stop(ended: AbortController, error: unknown): never {
  ended.abort(error instanceof EndsAll ? error.cause : error);
  throw error;
}

/** Nothing else will fare better. */
class EndsAll extends Error {}

class Run {
  readonly #copying: Copying;
  readonly #signal: AbortSignal;
  readonly #files = new LRUCache<string, Promise<void>>({ max: remembered });

  constructor(copying: Copying, signal: AbortSignal) {
    this.#copying = copying;
    this.#signal = signal;
  }

  /** @throws what ends everything */
  async copy({ uuid, version }: WantedBundle): Promise<CopiedBundle> {
    const { source, rule } = this.#copying;
    let found = { uuid, version, copy: null as string | null, files: 0 };
    try {
      const manifest = await readManifest(source.store, { replica: source.replica, uuid, version }, this.#signal);
      if (manifest === null) return { ...found, ...failed(new Error('Its manifest is too large.')) };
      const own = { uuid, version: rule(manifest.version), files: copiesOf(manifest, rule) };
      found = { uuid, version: manifest.version, copy: own.version, files: manifest.files.length };
      if (await this.#isThere(own)) return { ...found, outcome: 'there', failures: [] };
      if (this.#copying.dryRun) return { ...found, outcome: 'planned', failures: [] };
      const failures = await this.#putFiles(own);
      if (failures.length > 0) return { ...found, outcome: 'failed', failures };
      await this.#putBundle(own);
      return { ...found, outcome: 'copied', failures: [] };
    } catch (error) {
      return { ...found, ...failed(await this.#survived(error)) };
    }
  }

  /** @throws LazuliError `conflict` where the destination has another bundle of that name */
  async #isThere({ uuid, version, files }: Copy): Promise<boolean> {
    const { destination, replica, isRepeatable } = this.#copying;
    if (!isRepeatable) return false;
    const known = await readManifest(destination, { replica, uuid, version }, this.#signal).catch((error: unknown) => {
      if (error instanceof StoreRefusal && error.status === 404) return null;
      throw error;
    });
    if (known === null) return false;
    const wanted = files.map(({ file, version: own }) => essence({ ...file, version: own }));
    if (isDeepStrictEqual(known.files.map(essence), wanted)) return true;
    throw new LazuliError('conflict', 'The destination has another bundle of that version.', {
      remedy: 'Choose other versions for the copies.',
    });
  }

  /** Each file is tried, whatever becomes of the others. */
  async #putFiles({ files }: Copy): Promise<readonly Failure[]> {
    const failures = new Map<string, Failure>();
    await severalAtATime(filesAtOnce, files, async ({ file, version }) => {
      try {
        await this.#putFile(file, version);
      } catch (error) {
        const { message } = await this.#survived(error);
        failures.set(JSON.stringify([file.uuid, version]), { file: file.name, reason: message });
      }
    });
    return [...failures.values()];
  }

  #putFile(file: ManifestFile, version: string): Promise<void> {
    const name = JSON.stringify([file.uuid, file.version, version]);
    const known = this.#files.get(name) ?? copyFile(this.#copying, file, version, this.#signal);
    this.#files.set(name, known);
    return known;
  }

  async #putBundle({ uuid, version, files }: Copy): Promise<void> {
    const { destination, replica } = this.#copying;
    const entries = files.map(({ file: { uuid: own, name, indexed }, version: at }) => ({
      uuid: own,
      version: at,
      name,
      indexed,
    }));
    const request = { path: `/bundles/${uuid}`, query: { replica, version }, body: { creator_uid: 0, files: entries } };
    for (let attempt = 1; ; attempt++) {
      try {
        return await destination.ask(
          { ...request, method: 'PUT' },
          (answer) => expectPut(answer, version),
          this.#signal,
        );
      } catch (error) {
        const isEarly = error instanceof StoreRefusal && error.code === 'file_missing';
        if (!isEarly || attempt >= maxAttempts) throw error;
        await destination.clock.sleep(attempt * 1000, this.#signal);
      }
    }
  }

  /** @returns an error that concerns one thing only @throws EndsAll */
  async #survived(error: unknown): Promise<Error> {
    this.#signal.throwIfAborted();
    if (error instanceof EndsAll) throw error;
    if (error instanceof StoreRefusal && error.status === 401) throw endsAll(lockedOut('unauthorized', error));
    if (error instanceof StoreRefusal && error.status === 403) throw endsAll(lockedOut('forbidden', error));
    if (error instanceof StoreRefusal || error instanceof NoAnswer) return error;
    if (!(error instanceof LazuliError) || error.disposition === 'fatal') throw endsAll(error);
    if (error.code === 'repository_unavailable' && !(await this.#storesWork())) throw endsAll(error);
    return error;
  }

  async #storesWork(): Promise<boolean> {
    const { source, destination, replica } = this.#copying;
    const stores = [source.store, destination].map((store) => store.works(replica, this.#signal));
    return (await Promise.all(stores)).every((works) => works);
  }
}

const endsAll = (cause: unknown): EndsAll => new EndsAll('Nothing else will fare better.', { cause });

/** A bundle as it is to be at the destination. */
interface Copy {
  readonly uuid: string;
  readonly version: string;
  readonly files: readonly { readonly file: ManifestFile; readonly version: string }[];
}

/** A file that is in a bundle twice has one version. */
function copiesOf({ files }: Manifest, rule: VersionRule): Copy['files'] {
  const versions = new Map<string, string>();
  return files.map((file) => {
    const name = JSON.stringify([file.uuid, file.version]);
    const version = versions.get(name) ?? rule(file.version);
    versions.set(name, version);
    return { file, version };
  });
}

/** What bundles must agree in. */
const essence = ({ name, uuid, version, indexed, size, sha256, 'content-type': type }: ManifestFile) => ({
  ...{ name, uuid, version, indexed, size, type },
  sha256: sha256.toLowerCase(),
});

function expectPut({ status, bytes }: Exchanged, version: string): void {
  const { data } = putAnswer.safeParse(jsonOrNothing(bytes));
  if (![200, 201].includes(status) || data?.version !== version) throw new NoAnswer(`status ${status} for a put`);
}

const failed = ({ message }: Error) => ({ outcome: 'failed' as const, failures: [{ file: null, reason: message }] });

const lockedOut = (code: 'unauthorized' | 'forbidden', cause: Error): LazuliError =>
  new LazuliError(code, `The destination doesn't let this account copy: ${cause.message}`, {
    remedy: 'Name the key file of an account that may put files in GOOGLE_APPLICATION_CREDENTIALS.',
    cause,
  });
