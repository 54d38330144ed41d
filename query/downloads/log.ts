import type { Context } from '../../core/http/state.ts';
import type { DataFile } from '../../core/model/repository.ts';
import type { Catalog } from '../catalogs.ts';
import { addressOf } from '../http/caller.ts';

/** How somebody asked. */
export type Door = 'plain' | 'fetch' | 'drs';

/** One line a download, without the URL: whoever has that has the file. */
export function logDownload(ctx: Context, { name: catalog }: Catalog, file: DataFile, door: Door): void {
  const header = (of: string): string => ctx.get(of).slice(0, 256);
  const { uuid, version, name } = file;
  const download = {
    ...{ catalog, uuid, version, name: name.slice(0, 256), fetch: door === 'fetch', drs: door === 'drs' },
    ...{ range: header('Range'), host: header('Host'), agent: header('User-Agent'), address: addressOf(ctx) },
  };
  ctx.state.log.info({ download }, 'download');
}
