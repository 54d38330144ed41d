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

/** Where a process on the same host reaches a server of ours. One that listens on every address is asked at one. */
export function localUrl(host: string, port: number): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`;
  if (host === '::') return `http://[::1]:${port}`;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

const withoutSlash = (url: string): string => url.replace(/\/$/, '');
