import { randomUUID } from 'node:crypto';
import { type JSONValue, search as jmespath } from '@jmespath-community/jmespath';
import { versionAt } from './answers.ts';
import type { BundleName, Happenings } from './bundles.ts';
import type { Tombstone } from './documents.ts';
import type { Notifier } from './notifier.ts';
import { bundleUrl, buriedDocument, compile, type Search, type SearchDocument } from './search.ts';
import { kindOf, type Subscription, type Subscriptions } from './subscriptions.ts';

const maxAttached = 128 * 2 ** 10;

export interface NotificationParts {
  readonly subscriptions: Subscriptions;
  readonly search: Search;
  readonly notifier: Notifier;
  readonly url: () => URL;
  readonly now: () => number;
}

/** What has happened to a bundle: for subscriptions of one kind the search document, for the other the event. */
interface Event {
  readonly type: 'CREATE' | 'TOMBSTONE' | 'DELETE';
  readonly name: BundleName;
  readonly indexed: SearchDocument | null;
  readonly event: SearchDocument;
}

/** Turns what happens to bundles into callbacks (specification, dss 4 and 4.1). */
export class Notifications implements Happenings {
  readonly #parts: NotificationParts;

  constructor(parts: NotificationParts) {
    this.#parts = parts;
  }

  async created(name: BundleName): Promise<void> {
    if (this.#parts.subscriptions.all.length === 0) return;
    const { search } = this.#parts;
    const { manifest, files } = await search.document(name, true);
    const event = { event_type: 'CREATE', bundle_info: name, manifest, files };
    this.#notify({ type: 'CREATE', name, indexed: await search.document(name), event });
  }

  async buried(tombstone: Tombstone, versions: readonly BundleName[]): Promise<void> {
    for (const name of versions) {
      const event = { event_type: 'TOMBSTONE', bundle_info: name, ...tombstone };
      this.#notify({ type: 'TOMBSTONE', name, indexed: buriedDocument(tombstone, name), event });
    }
  }

  /** The object of a bundle is gone, which only one kind of subscriptions learns. */
  async purged(name: BundleName): Promise<void> {
    this.#notify({ type: 'DELETE', name, indexed: null, event: { event_type: 'DELETE', bundle_info: name } });
  }

  #notify(event: Event): void {
    for (const subscription of this.#parts.subscriptions.all) {
      const payload =
        kindOf(subscription) === 'jmespath' ? this.#byEvent(subscription, event) : byQuery(subscription, event);
      if (payload !== null) this.#parts.notifier.send(subscription, payload);
    }
  }

  #byEvent(subscription: Subscription, { type, name, event }: Event): object | null {
    const { jmespath_query: query, attachments } = subscription;
    if (query !== undefined && !isTruthy(jmespath(event as JSONValue, query))) return null;
    const url = this.#parts.url();
    return {
      ...common(subscription, name),
      ...(query === undefined ? {} : { jmespath_query: query }),
      ...(attachments === undefined || type !== 'CREATE' ? {} : { attachments: attached(attachments, event) }),
      ...{ event_type: type, event_timestamp: versionAt(this.#parts.now()), dss_api: url.origin },
      bundle_url: bundleUrl(url, name),
    };
  }
}

function byQuery(subscription: Subscription, { name, indexed }: Event): object | null {
  const { es_query, attachments } = subscription;
  if (indexed === null || !compile(es_query?.query ?? { match_all: {} })(indexed)) return null;
  return {
    ...common(subscription, name),
    es_query,
    ...(attachments === undefined ? {} : { attachments: attached(attachments, indexed) }),
  };
}

const common = ({ uuid }: Subscription, { uuid: bundle_uuid, version: bundle_version }: BundleName) => ({
  ...{ transaction_id: randomUUID(), subscription_id: uuid, match: { bundle_uuid, bundle_version } },
});

function attached(attachments: NonNullable<Subscription['attachments']>, document: SearchDocument): object {
  const found: Record<string, unknown> = {};
  const errors: Record<string, string> = {};
  for (const [name, { expression }] of Object.entries(attachments)) {
    try {
      found[name] = jmespath(document as JSONValue, expression);
    } catch (error) {
      errors[name] = String(error);
    }
  }
  const all = Object.keys(errors).length === 0 ? found : { ...found, _errors: errors };
  const isTooLarge = JSON.stringify(all).length > maxAttached;
  return isTooLarge ? { _errors: `Attachments exceed ${maxAttached} bytes` } : all;
}

const isTruthy = (value: unknown): boolean =>
  value !== null && value !== false && value !== '' && JSON.stringify(value) !== '[]' && JSON.stringify(value) !== '{}';
