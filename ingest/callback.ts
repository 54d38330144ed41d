import type { Catalog } from '../core/config/catalogs.ts';
import { LazuliError } from '../core/config/errors.ts';
import type { Callbacks, ChangeAction } from '../core/model/callbacks.ts';
import type { Repository } from '../core/model/repository.ts';
import { openRepository, type PluginsFrom } from '../plugins/registry.ts';
import { callbackKey } from './callback-key.ts';
import type { HmacKey } from './hmac-key.ts';
import type { NotificationRecord } from './notification.ts';
import { parseBody } from './request.ts';

/** How the repository of a catalog reports changes. @throws LazuliError `not_found`, `bad_request`, `unavailable` */
export type CallbacksOf = (catalog: string) => Promise<Callbacks>;

const isChange = (action: string): action is ChangeAction => action === 'add' || action === 'delete';

/**
 * Secrets with which a store may sign what it posts to a path: that of the path, and the key itself, which the established
 * system gave to stores.
 */
export const secretsFor =
  (catalog: string, action: string) =>
  (key: HmacKey): readonly HmacKey[] => [callbackKey(key, catalog, action), key];

/**
 * What a callback notifies of, as the record to be put.
 *
 * @returns null for a bundle that is in none of the catalog's sources
 * @throws LazuliError `bad_request`, `not_found`, `unavailable`
 */
export async function callbackRecord(
  callbacksOf: CallbacksOf,
  catalog: string,
  action: string,
  body: Uint8Array,
): Promise<NotificationRecord | null> {
  if (!isChange(action))
    throw new LazuliError('bad_request', `Unknown action: ${action} (a data store reports add or delete)`);
  const callbacks = await callbacksOf(catalog);
  const change = callbacks.changeOf(parseBody(body), action);
  if (change === null) return null;
  const { uuid, version, source } = change.fqid;
  const { id, spec } = source;
  const notification = { bundle_fqid: { uuid, version, source: { id, spec } } };
  return { action: change.action, catalog, number: 0, notification };
}

/** Opens repositories when the first callback comes: an indexer that gets none needs none. */
export function callbacksFrom(
  settings: PluginsFrom & { readonly catalogs: Readonly<Record<string, Catalog>> },
): CallbacksOf {
  const opened = new Map<string, Promise<Repository>>();
  return async (name) => {
    const catalog = Object.hasOwn(settings.catalogs, name) ? settings.catalogs[name] : undefined;
    if (catalog === undefined)
      throw new LazuliError('not_found', `There is no catalog '${name}'.`, { remedy: 'Configure it, or unsubscribe.' });
    const opening = opened.get(name) ?? openRepository(catalog, settings);
    opened.set(name, opening);
    const { callbacks } = await opening.catch((cause: unknown) => {
      opened.delete(name);
      throw new LazuliError('unavailable', `The repository of catalog ${name} can't be opened.`, { cause });
    });
    if (callbacks !== undefined) return callbacks;
    throw new LazuliError('bad_request', `The repository of catalog ${name} sends no callbacks.`, {
      remedy: 'Post notifications, signed as those of `lazuli bundle` are.',
    });
  };
}
