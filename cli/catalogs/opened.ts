import type { CatalogsVersion } from '../../core/catalogs/version.ts';
import type { CatalogVersions } from '../../core/catalogs/versions.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { openCatalogVersions } from '../../core/deployment/catalogs.ts';
import { type SettingsOptions, writtenSettings } from '../settings.ts';

/** Options of all commands about versions of the catalogs. */
export interface Options extends SettingsOptions {
  readonly json?: true;
}

/** of a version */
export const maxNumber = 99_999_999;

/** @throws LazuliError `not_found`; `configuration_invalid` where it can't be used */
export async function named(versions: CatalogVersions, number: number): Promise<CatalogsVersion> {
  const version = await versions.read(number);
  if (version !== null) return version;
  throw new LazuliError('not_found', `There is no version ${number} of the catalogs.`, {
    remedy: '`lazuli catalogs history` lists those that there are.',
  });
}

/** The versions of a deployment, with its settings as they are written. */
export async function open(options: Options) {
  const settings = await writtenSettings(options);
  return { settings, versions: await openCatalogVersions(settings) };
}
