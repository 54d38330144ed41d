import { LazuliError } from '../../../../core/config/errors.ts';
import type { SourceRef } from '../../../../core/config/sources.ts';
import { jsonBytes } from '../../../../core/config/text.ts';
import type { BundleFqid } from '../../../../core/model/bundle.ts';
import type { FetchedBundle } from '../../../../core/model/repository.ts';
import { version } from '../anvil/version.ts';
import { type Source, type TdrParts, TdrRepository } from '../repository.ts';
import type { Studies } from './studies.ts';

/** Of a row id: only those of version 4 become ids of bundles. */
const rowId = /^([0-9a-f]{8}-[0-9a-f]{4}-)4([0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12})$/;

/** Snapshots with one bundle more for each dataset of AnVIL, which has the description that DUOS gives and nothing else. */
export class StudiedRepository extends TdrRepository {
  readonly #studies: Studies;

  constructor(parts: TdrParts, studies: Studies) {
    super(parts);
    this.#studies = studies;
  }

  override async *listBundles(source: SourceRef, prefix: string, signal: AbortSignal): AsyncIterable<BundleFqid> {
    yield* super.listBundles(source, prefix, signal);
    const found = await this.sourceOf(source.id, signal);
    for (const uuid of (await this.#bundles(found, signal)).keys())
      if (uuid.startsWith(prefix)) yield { source: found.ref, uuid, version };
    signal.throwIfAborted();
  }

  override async fetchBundle(fqid: BundleFqid, maxBytes: number, signal: AbortSignal): Promise<FetchedBundle> {
    const found = await this.sourceOf(fqid.source.id, signal);
    const bundles = await this.#bundles(found, signal);
    const dataset = bundles.get(fqid.uuid.toLowerCase());
    if (dataset === undefined || fqid.version !== version) return super.fetchBundle(fqid, maxBytes, signal);
    const place = { bundle: `${fqid.uuid}.${fqid.version}` };
    if (bundles.size > 1)
      throw new LazuliError('bundle_invalid', `Snapshot ${found.snapshot.name} has several datasets`, {
        place,
        remedy: 'Make a snapshot that has one, and configure that.',
      });
    const description = await this.#studies.description(found.snapshot, signal);
    const bytes = jsonBytes({ entities: { [`anvil_dataset/${dataset}`]: { description, version } }, links: [] });
    if (bytes.length <= maxBytes) return { bytes, source: found.ref, attributes: {} };
    throw new LazuliError('bundle_too_large', `The bundle has ${bytes.length} bytes; ${maxBytes} is the limit`, {
      place,
      remedy: 'Raise limits.bundleBytes, or leave the bundle out.',
    });
  }

  /** Row ids of datasets by the ids of their bundles. */
  async #bundles({ snapshot }: Source, signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const bundles = new Map<string, string>();
    for (const id of await this.#studies.datasets(snapshot, signal)) {
      const [, first, last] = rowId.exec(id) ?? [];
      if (first !== undefined && last !== undefined) bundles.set(`${first}a${last}`, id);
    }
    return bundles;
  }
}
