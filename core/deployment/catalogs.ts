import { CatalogVersions, type Newest } from '../catalogs/versions.ts';
import { LazuliError } from '../config/errors.ts';
import type { Settings } from '../config/settings.ts';
import { openStaging } from './stores.ts';

/** Settings with the catalogs that count. */
export interface InForce {
  readonly settings: Settings;
  /** where they are those of a version; null: the settings have them */
  readonly from: Newest | null;
}

/** The versions of the catalogs of a deployment, whether its settings name them or not. @throws LazuliError `staging_unavailable` */
export async function openCatalogVersions(settings: Settings): Promise<CatalogVersions> {
  return new CatalogVersions(await openStaging(settings));
}

/**
 * Settings with the catalogs of the newest version that can be used, where they name versions.
 *
 * @throws LazuliError `configuration_invalid` where there is none, `staging_unavailable`
 */
export async function catalogsInForce(settings: Settings): Promise<InForce> {
  if (settings.catalogsFrom === undefined) return { settings, from: null };
  const from = await (await openCatalogVersions(settings)).newest();
  if (from.version !== null) return { settings: { ...settings, catalogs: { ...from.version.catalogs } }, from };
  const [unusable] = from.unusable;
  if (unusable !== undefined) throw unusable.error;
  throw new LazuliError('configuration_invalid', 'There is no version of the catalogs yet.', {
    remedy: 'Put the first one: `lazuli catalogs put FILE`.',
  });
}
