import { KeptTables } from '../tables/kept-tables.ts';
import { CallersAccess } from './access.ts';
import { ApiSnapshots } from './api-snapshots.ts';
import { SignedObjects } from './exported-objects.ts';
import { ExportedTables } from './exported-tables.ts';
import type { ApiSettings } from './options.ts';
import { RepositoryApi } from './repository-api.ts';
import { type Pacing, Service } from './service.ts';
import { ServiceAccount } from './service-account.ts';
import { SnapshotFiles } from './snapshot-files.ts';

/** The Terra Data Repository with what belongs to it, as a catalog's options say. */
export function openApi(
  { api: url, accounts, location, scratch, scratchBytes, services }: ApiSettings,
  pacing: Pacing = {},
): ApiSnapshots {
  const { sam, storage, tokens, registry } = services;
  const api = new RepositoryApi(new Service('The Terra Data Repository', url, pacing));
  const indexer = new ServiceAccount({ name: 'indexer', keyFile: accounts.indexer, tokens });
  const anonymous =
    accounts.public === undefined ? null : new ServiceAccount({ name: 'public', keyFile: accounts.public, tokens });
  const source = new ExportedTables({ api, indexer, objects: new SignedObjects(storage, pacing), pacing });
  return new ApiSnapshots({
    ...{ api, indexer, location, tables: new KeptTables({ folder: scratch, maxBytes: scratchBytes, source }) },
    files: new SnapshotFiles({ api: url, storage, registry }),
    access: new CallersAccess({ sam: new Service('SAM', sam, pacing), anonymous }),
  });
}
