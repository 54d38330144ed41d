import { ownerUrl, ownerUrls, peerUrl } from '../config/peers.ts';
import type { Settings } from '../config/settings.ts';
import { buildingControl } from './building.ts';
import { clientOf } from './client.ts';
import type { Client } from './declaration.ts';
import { ingestControl } from './ingest.ts';
import { transformControl } from './transform.ts';

type Addresses = Pick<Settings, 'http' | 'catalogs'>;

/** A transform process, as it can be asked. */
export type Owner = Client<typeof transformControl>;

const ownerAt = (url: string, millis?: number): Owner =>
  clientOf(transformControl, { name: 'The transform worker', url, millis });

/**
 * The transform process that owns a catalog.
 *
 * @param millis for a whole answer; default: as long as what is asked takes
 * @throws LazuliError `not_found`
 */
export const ownerOf = (settings: Addresses, catalog: string, millis?: number): Owner =>
  ownerAt(ownerUrl(settings, catalog), millis);

/** A transform process, with the catalogs that it owns. */
export interface OwnerOfCatalogs {
  readonly owner: Owner;
  readonly catalogs: readonly string[];
}

/** The transform processes of a deployment. @param millis for a whole answer; default: as long as what is asked takes */
export function ownersOf(settings: Addresses, millis?: number): readonly OwnerOfCatalogs[] {
  const byUrl = Map.groupBy(ownerUrls(settings), ([, url]) => url);
  return [...byUrl].map(([url, own]) => ({ owner: ownerAt(url, millis), catalogs: own.map(([name]) => name) }));
}

/** A transform process, as builders ask it. */
export interface BucketOwner {
  readonly url: string;
  readonly buckets: Client<typeof buildingControl>;
}

/** The transform processes of a deployment, for builders. */
export const bucketOwnersOf = (settings: Addresses): readonly BucketOwner[] =>
  [...new Set(ownerUrls(settings).values())].map((url) => ({
    url,
    buckets: clientOf(buildingControl, { name: 'The transform worker', url }),
  }));

/** The ingest process of a deployment. @param millis for a whole answer */
export const ingestOf = (settings: Addresses, millis?: number): Client<typeof ingestControl> =>
  clientOf(ingestControl, { name: 'The ingest worker', url: peerUrl(settings, 'ingest'), millis });
