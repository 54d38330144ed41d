import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Cloud } from '../storage/cloud.ts';
import { Accounts } from './accounts.ts';
import { BundlePages } from './bundle-pages.ts';
import { Bundles, type Happenings } from './bundles.ts';
import { Checkouts } from './checkouts.ts';
import { Faults } from './faults.ts';
import { Files } from './files.ts';
import { Notifications } from './notifications.ts';
import { Notifier } from './notifier.ts';
import { responder } from './respond.ts';
import { routesOf } from './routes.ts';
import { Search } from './search.ts';
import { DssStorage } from './storage.ts';
import { Subscriptions } from './subscriptions.ts';

export interface DssOptions {
  /** part of the names of its buckets, which must be new ones; default: `dss` */
  readonly name?: string;
  /** Google projects whose service accounts it lets in; default: `trusted` */
  readonly projects?: readonly string[];
  /** files that are larger, and new, are copied later; default: 64 MiB */
  readonly asyncBytes?: number;
  /** whether such copies end only when a test calls `files.finish()`; default: at once */
  readonly held?: boolean;
  /** JSON of up to so many bytes can be had at once; default: 12,314 */
  readonly keptBytes?: number;
  /** how often others have to ask again for a file; default: once */
  readonly polls?: number;
  /** seconds that callers have to wait before that; default: 0 */
  readonly retryAfter?: number;
  readonly mostPerPage?: number;
  /** milliseconds before each attempt of a callback; default: 0, 10, 20, 40, 80 */
  readonly delays?: readonly number[];
}

/** A data store, as small as it can be, over an emulated S3 (specification, dss). */
export interface Dss extends AsyncDisposable {
  /** of its API, with `/v1` */
  readonly url: string;
  readonly main: string;
  readonly checkout: string;
  /** for objects that are to be put */
  readonly staging: string;
  readonly storage: DssStorage;
  readonly accounts: Accounts;
  readonly files: Files;
  readonly bundles: Bundles;
  readonly subscriptions: Subscriptions;
  readonly notifications: Notifications;
  readonly notifier: Notifier;
  readonly faults: Faults;
  /** how far its clock is ahead, in milliseconds */
  readonly clock: { skew: number };
}

export async function startDss(cloud: Cloud, options: DssOptions = {}): Promise<Dss> {
  const { name = 'dss', projects = ['trusted'], delays = [0, 10, 20, 40, 80] } = options;
  const clock = { skew: 0 };
  const now = (): number => Date.now() + clock.skew;
  const storage = new DssStorage(cloud);
  const main = await cloud.bucket(`${name}-main`);
  const checkout = await cloud.bucket(`${name}-checkout`);
  const staging = await cloud.bucket(`${name}-staging`);
  const accounts = new Accounts(projects, now);
  const { keptBytes = 12_314, polls = 1, retryAfter = 0, asyncBytes = 64 * 2 ** 20, held = false } = options;
  const checkouts = new Checkouts({ storage, main, checkout, keptBytes, polls, retryAfter });
  const files = new Files({ storage, main, checkouts, asyncBytes, held });
  const subscriptions = new Subscriptions(accounts, now);
  const notifier = new Notifier({ delays, now });
  // Bundles say what happens to them, and what happened is described by bundles.
  const happenings: Happenings = {
    created: (bundle) => notifications.created(bundle),
    buried: (tombstone, versions) => notifications.buried(tombstone, versions),
  };
  const findFile = (uuid: string, version: string) => files.find(uuid, version);
  const bundles = new Bundles({ storage, main, findFile, admins: accounts.admins, happenings, now });
  const { mostPerPage = 500 } = options;
  const pages = new BundlePages({ bundles, checkouts, storage, checkout, mostPerPage, now });
  const search = new Search(bundles, storage, main);
  const faults = new Faults();
  const routes = routesOf({ accounts, files, bundles, pages, search, subscriptions });
  const server = createServer(responder({ routes, faults, now }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const notifications = new Notifications({ subscriptions, search, notifier, url: () => new URL(origin), now });
  const parts = { storage, accounts, files, bundles, subscriptions, notifications, notifier, faults, clock };
  return {
    ...{ url: `${origin}/v1`, main, checkout, staging, ...parts },
    async [Symbol.asyncDispose]() {
      notifier.stop();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
      storage[Symbol.dispose]();
    },
  };
}
