import { createHmac } from 'node:crypto';
import type { HmacKey } from './hmac-key.ts';

/**
 * The key that a data store gets for its callbacks to `/<catalog>/<action>`, with the id of ours that it is made of. What the
 * store signs doesn't cover the path. So each path has a secret of its own: an addition doesn't pass for a deletion, nor does
 * anything for one of another catalog. And who has the store's secrets can't notify, nor command runs.
 */
export function callbackKey({ key, key_id }: HmacKey, catalog: string, action: string): HmacKey {
  const text = JSON.stringify(['callback', catalog, action]);
  return { key: createHmac('sha256', key).update(text).digest('base64url'), key_id };
}
