import type { Settings } from '../../core/config/settings.ts';
import type { CatalogStatus, TransformStatus } from '../../core/control/catalog-status.ts';
import { ownersOf } from '../../core/control/workers.ts';

/** What the owners of all catalogs say, by catalog. @throws LazuliError `unavailable` */
export async function catalogStates(settings: Settings): Promise<TransformStatus['catalogs']> {
  const answers = await Promise.all(ownersOf(settings).map(({ owner }) => owner.status()));
  return Object.assign({}, ...answers.map(({ catalogs }) => catalogs)) as Readonly<Record<string, CatalogStatus>>;
}
