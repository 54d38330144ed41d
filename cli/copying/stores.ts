import { existsSync } from 'node:fs';
import type { DataStoreSettings } from '../../core/config/data-stores.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { authorizeBy, usualAudience } from '../../plugins/repository/dss/service-account.ts';
import { requireStoreUrl } from '../../plugins/repository/dss/spec.ts';
import { type Authorize, Store } from '../../plugins/repository/dss/store.ts';
import { loadSettings, type SettingsOptions, settingsFile } from '../settings.ts';

const requestsAtOnce = 32;

/** A data store with what settings say of it. */
export interface KnownStore {
  readonly url: string;
  readonly isProtected: boolean;
  readonly bucket: string | null;
  readonly audience: string;
}

/**
 * What settings say of data stores. Copying needs no deployment: without a configuration nothing is known.
 *
 * @throws LazuliError `configuration_invalid`
 */
export async function knownStores(options: SettingsOptions): Promise<(url: string) => KnownStore> {
  const isNamed = options.config !== undefined || options.data !== undefined;
  const isGiven =
    isNamed || existsSync(settingsFile(options)) || variables.some((name) => process.env[name] !== undefined);
  const { dataStores } = isGiven ? await loadSettings(options) : { dataStores: {} };
  return (url) => known(requireStoreUrl(url), dataStores);
}

const variables = ['LAZULI_SETTINGS', 'LAZULI_SETTINGS_FILE', 'LAZULI_SETTINGS_OBJECT'];

/** A store is protected by its host, however its URL is written. */
function known(url: string, stores: DataStoreSettings): KnownStore {
  const settings = Object.entries(stores).map(([key, value]) => ({ ...value, url: requireStoreUrl(key) }));
  const own = settings.find((one) => one.url === url);
  const { host } = new URL(url);
  const isProtected = settings.some((one) => one.protected && new URL(one.url).host === host);
  return { url, isProtected, bucket: own?.bucket ?? null, audience: own?.audience ?? usualAudience };
}

export const sourceStore = ({ url }: KnownStore): Store =>
  new Store({ url, clock: systemClock, atOnce: requestsAtOnce });

/** A store into which something is put, in the name of the service account of the environment. @throws LazuliError `configuration_invalid` */
export function destinationStore({ url, audience }: KnownStore, readsOnly: boolean): Store {
  const parts = { url, clock: systemClock, atOnce: requestsAtOnce };
  return readsOnly ? new Store(parts) : new Store({ ...parts, authorize: ownCredentials(audience) });
}

function ownCredentials(audience: string): Authorize {
  const { GOOGLE_APPLICATION_CREDENTIALS: file } = process.env;
  if (file !== undefined && file !== '') return authorizeBy({ file, audience, clock: systemClock });
  throw new LazuliError('configuration_invalid', 'Nobody says in whose name the destination is to be asked.', {
    remedy: 'Name the key file of a service account in GOOGLE_APPLICATION_CREDENTIALS.',
  });
}
