import { type DrsHost, drsSettings } from '../../../../core/config/drs-settings.ts';
import { isLoopback } from '../../../../core/config/loopback.ts';
import { DrsClient } from '../../../../core/drs/client.ts';
import { parseDrsUri } from '../../../../core/drs/uri.ts';
import type { FilePlace } from '../../../../core/model/repository.ts';
import type { Asking } from './service.ts';

/**
 * Data files of snapshots by the repository's own DRS server: only by Cloud Storage, and only by URLs that were signed
 * (specification, repository-plugins 7). Credentials go to that server alone.
 */
export class SnapshotFiles {
  readonly #host: string;
  readonly #drs: DrsClient;

  /** @param urls of the repository, of Cloud Storage, and of the registry of compact identifiers */
  constructor(urls: { readonly api: string; readonly storage: string; readonly registry: string }) {
    const { host } = new URL(urls.api);
    const { host: registry } = new URL(urls.registry);
    this.#host = host;
    const others = [urls.storage, urls.registry].map((url) => [new URL(url).host, hostAt(new URL(url), false)]);
    const hosts = { ...Object.fromEntries(others), [host]: hostAt(new URL(urls.api), true) };
    this.#drs = new DrsClient(drsSettings.parse({ hosts, registry }), {
      kinds: ['gs'],
      accepts: ({ searchParams }) => searchParams.has('X-Goog-Signature'),
    });
  }

  /** Whether a file is the repository's, or may be: where a compact identifier leads is not known before. */
  has(uri: string): boolean {
    const found = parseDrsUri(uri);
    return found.kind === 'compact' || found.host === this.#host;
  }

  async locate(uri: string, { authorization, signal }: Asking): Promise<FilePlace | null> {
    const found = await this.#drs.locate(uri, { authorization, signal });
    if (found === null) return null;
    return 'url' in found ? { kind: 'url', url: found.url } : { kind: 'later', seconds: found.retryAfter };
  }
}

/** Plain HTTP is for this machine alone, as `options.ts` has it. */
const hostAt = (url: URL, credentials: boolean): DrsHost => ({
  private: isLoopback(url),
  plain: url.protocol === 'http:',
  credentials,
});
