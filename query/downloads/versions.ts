import { maxVersion } from '../../core/config/identities.ts';
import { refusal, shown } from '../../core/http/refusal.ts';
import type { Catalog } from '../catalogs.ts';

const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)$/;

/** @throws LazuliError `bad_request` for what can be no version of a file in this catalog */
export function checkVersion({ plugin }: Catalog, version: string | undefined): void {
  if (version === undefined) return;
  const isOne = version !== '' && version.length <= maxVersion;
  const isTimestamp = timestamp.test(version) && !Number.isNaN(Date.parse(version));
  if (isOne && (isTimestamp || plugin.manifests?.file.versions !== 'timestamps')) return;
  throw refusal(`Invalid value for \`version\`: ${shown(version)}.`, 'Use the version that the file has in hits.');
}
