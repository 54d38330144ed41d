import { peerUrl } from '../../core/config/peers.ts';
import type { Settings } from '../../core/config/settings.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Action } from '../../core/staged/layout.ts';
import { readHmacKey } from '../../ingest/hmac-key.ts';
import { notifyAll } from '../../ingest/notify.ts';
import { ExitCode, failure, json, type Output } from '../output.ts';

export interface Notifying {
  readonly catalog: string;
  readonly action: Action;
  readonly fqids: readonly BundleFqid[];
  /** whether the result is printed as JSON */
  readonly json: true | undefined;
}

/**
 * Notifies the indexer of bundles, and prints how many it has accepted.
 *
 * @throws LazuliError if the first one wasn't accepted, with the reason; ExitCode where the JSON says so
 */
export async function notifyOf(
  settings: Settings,
  { catalog, action, fqids, json: asJson }: Notifying,
  output: Output,
): Promise<void> {
  const notifications = fqids.map((fqid) => ({ action, fqid }));
  const unsent = await notifyAll(notifications, {
    url: peerUrl(settings, 'indexer'),
    key: readHmacKey(settings.hmacKeyFile),
    catalog,
  });
  const accepted = notifications.length - unsent.length;
  if (asJson) {
    const failed = unsent.map(({ notification, reason }) => ({ ...notification.fqid, reason: reason.message }));
    output.data(json({ catalog, action, accepted, failed }));
  } else output.out(`${accepted} of ${notifications.length} notifications accepted`);
  const [first] = unsent;
  if (first === undefined) return;
  if (asJson) throw new ExitCode(failure);
  throw first.reason;
}
