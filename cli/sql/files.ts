import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { openStaging } from '../../core/deployment/stores.ts';
import { localPaths, stagedFiles } from '../../core/staged/batches.ts';
import { damagedBy } from './damaged.ts';

/**
 * Paths of the files of one table, for another reader of Parquet.
 *
 * @param named `<catalog>.<table>`; without a catalog the first one is meant
 * @throws LazuliError `usage` for a table that no batch has rows of: nothing to read is never taken for no rows; `batch_damaged`
 */
export async function filesOfTable(settings: Settings, named: string): Promise<readonly string[]> {
  const catalogs = Object.keys(settings.catalogs);
  const [first = ''] = catalogs;
  const catalog = catalogs.find((one) => named.startsWith(`${one}.`)) ?? first;
  const table = named.startsWith(`${catalog}.`) ? named.slice(catalog.length + 1) : named;
  const store = await openStaging(settings);
  const tables = await stagedFiles(catalog, store);
  const files = tables.get(table);
  if (files !== undefined) {
    const keys = files.map(({ key }) => key);
    const paths = await localPaths(keys, store);
    const damaged = await damagedBy({ catalog, schema: catalog, table, files, paths }, 'size');
    if (damaged !== null) throw damaged.error;
    return paths;
  }
  const there = tables.size === 0 ? 'nothing is staged yet' : `there are ${[...tables.keys()].sort().join(', ')}`;
  throw new LazuliError('usage', `No batch of catalog ${catalog} has rows of a table '${table}'; ${there}.`, {
    remedy: 'Name a table as <catalog>.<table>.',
  });
}
