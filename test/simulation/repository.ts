import { type ErrorCode, LazuliError } from '../../core/config/errors.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { FetchedBundle, Repository } from '../../core/model/repository.ts';

/** A repository that knows what was put into it. */
export class SimulatedRepository implements Repository {
  readonly #bundles = new Map<string, Uint8Array>();
  /** each is for one bundle that is fetched */
  readonly faults: ErrorCode[] = [];
  /** bundles that were asked for and not given for good */
  missing = 0;

  put(fqid: BundleFqid, contents: object): void {
    this.#bundles.set(keyOf(fqid), Buffer.from(JSON.stringify(contents)));
  }

  async listSources() {
    return [];
  }

  async *listBundles(): AsyncGenerator<BundleFqid> {}

  async fetchBundle(fqid: BundleFqid): Promise<FetchedBundle> {
    const fault = this.faults.shift();
    if (fault === 'bundle_missing') this.missing++;
    if (fault !== undefined) throw new LazuliError(fault, 'injected');
    const bytes = this.#bundles.get(keyOf(fqid));
    if (bytes === undefined) throw new LazuliError('bundle_missing', 'never put');
    return { bytes, source: fqid.source, attributes: {} };
  }

  async accessibleSources() {
    return new Set<string>();
  }
}

const keyOf = ({ source, uuid, version }: BundleFqid): string => JSON.stringify([source.id, uuid, version]);
