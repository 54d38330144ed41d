import { LazuliError } from './errors.ts';
import type { Settings } from './settings.ts';

/** A process of the deployment that answers others. */
export type Peer = 'query' | 'indexer' | 'ingest';

/** Where a process of the deployment answers, without a slash at the end. */
export function peerUrl({ http }: Pick<Settings, 'http'>, peer: Peer): string {
  return withoutSlash(http.peers?.[peer] ?? localUrl(http.host, http[peer]));
}

/** Where the owners of catalogs answer, by catalog. */
export function ownerUrls({ http, catalogs }: Pick<Settings, 'http' | 'catalogs'>): ReadonlyMap<string, string> {
  const { peers, host, transform } = http;
  return new Map(
    Object.keys(catalogs).map((catalog) => {
      const url = peers !== undefined && Object.hasOwn(peers.transform, catalog) ? peers.transform[catalog] : undefined;
      return [catalog, withoutSlash(url ?? localUrl(host, transform))];
    }),
  );
}

/** Where the owner of a catalog answers. @throws LazuliError `not_found` */
export function ownerUrl(settings: Pick<Settings, 'http' | 'catalogs'>, catalog: string): string {
  const owners = ownerUrls(settings);
  const url = owners.get(catalog);
  if (url !== undefined) return url;
  throw new LazuliError('not_found', `There is no catalog '${catalog.slice(0, 80)}'.`, {
    remedy: `Choose one of: ${[...owners.keys()].join(', ')}.`,
  });
}

/** Names by which processes of the deployment ask each other, in lower case; perhaps addresses among them. */
export function hostNames(settings: Pick<Settings, 'http' | 'catalogs'>): ReadonlySet<string> {
  const peers = (['query', 'indexer', 'ingest'] as const).map((peer) => peerUrl(settings, peer));
  const urls = [...peers, ...ownerUrls(settings).values(), localUrl(settings.http.host, 0)];
  return new Set(urls.map((url) => new URL(url).hostname));
}

/** Where a process on the same host reaches a server of ours. One that listens on every address is asked at one. */
export function localUrl(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const withoutSlash = (url: string): string => url.replace(/\/$/, '');
