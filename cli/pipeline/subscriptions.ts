import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { SubscriptionChange, WantedCallback } from '../../core/model/callbacks.ts';
import { callbackKey } from '../../ingest/callback-key.ts';
import { type HmacKey, readHmacKey } from '../../ingest/hmac-key.ts';
import { repositoryOf } from './repository.ts';

export interface Subscribing {
  /** null: all whose repositories report changes */
  readonly catalogs: readonly string[] | null;
  /** of the indexer, without a slash at the end */
  readonly base: string;
  /** whether there are to be any */
  readonly wanted: boolean;
}

/** A subscription of a catalog. */
export interface CatalogChange {
  readonly catalog: string;
  readonly change: SubscriptionChange;
}

/**
 * What is to become of the subscriptions of catalogs, in the order in which it is to be done. Nothing is changed.
 *
 * @throws LazuliError `usage` where no repository reports changes; what the repositories throw
 */
export async function subscriptionsOf(
  settings: Settings,
  { catalogs, base, wanted }: Subscribing,
): Promise<readonly CatalogChange[]> {
  const key = readHmacKey(settings.hmacKeyFile);
  const signal = new AbortController().signal;
  const found: CatalogChange[] = [];
  let reporting = 0;
  for (const catalog of catalogs ?? Object.keys(settings.catalogs)) {
    const { callbacks } = await repositoryOf(settings, catalog);
    if (callbacks === undefined) continue;
    reporting++;
    const own = wanted ? wantedOf(base, catalog, key) : [];
    const isOurs = (url: string): boolean => isOf(url, base, catalog, settings);
    const changes = await callbacks.subscriptions({ callbacks: own, isOurs }, signal);
    // One of a catalog that there is no longer shows for each catalog of its store.
    const others = changes.filter(({ id }) => id === null || !found.some(({ change }) => change.id === id));
    found.push(...others.map((change) => ({ catalog, change })));
  }
  if (reporting > 0) return found;
  throw new LazuliError('usage', 'The repository of no such catalog is a data store: none reports changes.', {
    remedy: 'Name a catalog with the repository plug-in `dss`, or post notifications with `lazuli bundle`.',
  });
}

const wantedOf = (base: string, catalog: string, key: HmacKey): readonly WantedCallback[] =>
  (['add', 'delete'] as const).map((action) => {
    const { key: secret, key_id: keyId } = callbackKey(key, catalog, action);
    return { action, url: `${base}/${catalog}/${action}`, keyId, secret };
  });

/** Whether a callback is one of this indexer for the catalog, or for one that it has no longer. */
function isOf(text: string, base: string, catalog: string, { catalogs }: Settings): boolean {
  const url = URL.parse(text)?.href ?? '';
  if (!url.startsWith(`${base}/`)) return false;
  const [named = ''] = url.slice(base.length + 1).split(/[/?#]/);
  return named === catalog || !Object.hasOwn(catalogs, named);
}
