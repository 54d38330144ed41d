import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import type {
  ChangeAction,
  SubscriptionChange,
  WantedCallback,
  WantedCallbacks,
} from '../../../core/model/callbacks.ts';
import { StoreRefusal } from './refusals.ts';
import type { StoreSource } from './spec.ts';
import type { Store } from './store.ts';

const subscriptionSchema = z.looseObject({
  uuid: z.string(),
  callback_url: z.string(),
  hmac_key_id: z.string().optional(),
});
type Subscription = z.output<typeof subscriptionSchema>;
const listSchema = z.looseObject({ subscriptions: z.array(subscriptionSchema) });
const putSchema = z.looseObject({ uuid: z.string() });

/** Subscriptions of both kinds; those that we make are of this one. */
const kind = { subscription_type: 'elasticsearch' };

/** A store at which we subscribe, as its own service account knows it. */
export interface SubscribedStore {
  readonly store: Store;
  readonly replica: string;
  /** those that it has */
  readonly sources: readonly StoreSource[];
}

/** What a subscription of ours has to be like; it may have more members. */
interface Wanted {
  readonly replica: string;
  readonly es_query: object;
  readonly callback_url: string;
  readonly hmac_key_id: string;
}

/**
 * Compares the subscriptions at a store with those that are wanted (specification, dss 5.1).
 *
 * @returns those that stay, then those to make, then those to delete
 * @throws LazuliError `repository_unavailable`, `forbidden`
 */
export async function comparedSubscriptions(
  at: SubscribedStore,
  { callbacks, isOurs }: WantedCallbacks,
  signal: AbortSignal,
): Promise<readonly SubscriptionChange[]> {
  const left = callbacks.flatMap((callback) =>
    at.sources.map((source) => ({ callback, wanted: wantedOf(at, source, callback) })),
  );
  const [staying, going]: [SubscriptionChange[], SubscriptionChange[]] = [[], []];
  for (const current of await listed(at, signal)) {
    if (!isOurs(current.callback_url)) continue;
    const index = left.findIndex(({ wanted }) => isWithin(wanted, current));
    if (index < 0) going.push(deleted(at, current));
    else staying.push(kept(at, current));
    if (index >= 0) left.splice(index, 1);
  }
  return [...staying, ...left.map(({ wanted, callback }) => created(at, wanted, callback)), ...going];
}

function wantedOf(
  { replica }: SubscribedStore,
  { common }: StoreSource,
  { action, url, keyId }: WantedCallback,
): Wanted {
  return { replica, es_query: queryOf(action, common), callback_url: url, hmac_key_id: keyId };
}

/** Of the documents that the store keeps of bundles: living ones have a project, deleted ones say so. */
function queryOf(action: ChangeAction, common: string): object {
  const begins = common === '' ? [] : [{ prefix: { uuid: common } }];
  const dead = { term: { admin_deleted: true } };
  const living = { must_not: [dead], must: [{ exists: { field: 'files.project_json' } }, ...begins] };
  return { query: { bool: action === 'add' ? living : { must: [dead, ...begins] } } };
}

const isWithin = (wanted: Wanted, current: Subscription): boolean =>
  Object.entries(wanted).every(([name, value]) => isDeepStrictEqual(current[name], value));

function listed({ store, replica }: SubscribedStore, signal: AbortSignal): Promise<readonly Subscription[]> {
  const query = { replica, ...kind };
  return told(store, async () => {
    const { subscriptions } = await store.askFor({ path: '/subscriptions', query }, listSchema, signal);
    return subscriptions.filter((one) => one.replica === undefined || one.replica === replica);
  });
}

const shown = ({ store }: SubscribedStore, url: string, keyId: string | undefined) => ({
  ...{ store: store.url, url, keyId: keyId ?? null },
});

function kept(at: SubscribedStore, { uuid: id, callback_url, hmac_key_id }: Subscription): SubscriptionChange {
  return { change: 'kept', ...shown(at, callback_url, hmac_key_id), id, apply: async () => id };
}

function created(at: SubscribedStore, wanted: Wanted, { secret }: WantedCallback): SubscriptionChange {
  const { replica, ...members } = wanted;
  const body = { ...members, hmac_secret_key: secret };
  return {
    ...{ change: 'created', ...shown(at, wanted.callback_url, wanted.hmac_key_id), id: null },
    // Asked once: a second answer would be a second subscription. Whoever compares again finds what came of it.
    apply: (signal) => {
      const request = { method: 'PUT', path: '/subscriptions', query: { replica }, body, attempts: 1 } as const;
      return told(at.store, async () => (await at.store.askFor(request, putSchema, signal)).uuid);
    },
  };
}

function deleted(at: SubscribedStore, { uuid: id, callback_url, hmac_key_id }: Subscription): SubscriptionChange {
  const { store, replica } = at;
  const path = `/subscriptions/${encodeURIComponent(id)}`;
  return {
    ...{ change: 'deleted', ...shown(at, callback_url, hmac_key_id), id },
    apply: (signal) =>
      told(store, async () => {
        const asked = store.ask({ method: 'DELETE', path, query: { replica, ...kind } }, () => id, signal);
        return asked.catch((error: unknown) => {
          // It is gone already.
          if (error instanceof StoreRefusal && error.status === 404) return id;
          throw error;
        });
      }),
  };
}

/** What the store refuses, for whoever subscribes. */
async function told<T>({ url }: Store, asking: () => Promise<T>): Promise<T> {
  try {
    return await asking();
  } catch (cause) {
    if (!(cause instanceof StoreRefusal)) throw cause;
    const { status, message } = cause;
    const what = `The data store at ${url} refuses to subscribe: ${message}`;
    if (status === 401 || status === 403)
      throw new LazuliError('forbidden', what, {
        remedy: 'Have the service account let in there, and its project; check `credentials` and `audience`.',
        cause,
      });
    if (status === 406)
      throw new LazuliError('conflict', what, {
        remedy: 'Delete subscriptions that nobody needs: it takes a hundred.',
        cause,
      });
    throw new LazuliError('repository_unavailable', what, { remedy: 'Have the data store looked at.', cause });
  }
}
