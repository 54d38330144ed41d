import { systemClock } from '../../../../core/runtime/clock.ts';
import { BigQueryTables } from '../bigquery/bigquery-tables.ts';
import { Queries } from '../bigquery/queries.ts';
import { BigQueryService } from '../bigquery/service.ts';
import { StoredObjects } from '../google/stored-objects.ts';
import { KeptTables } from '../tables/kept-tables.ts';
import type { SnapshotRef, TableSource } from '../tables/tables.ts';
import { CallersAccess } from './access.ts';
import { ApiSnapshots } from './api-snapshots.ts';
import { SignedObjects } from './exported-objects.ts';
import { ExportedTables } from './exported-tables.ts';
import type { ApiSettings } from './options.ts';
import { RepositoryApi } from './repository-api.ts';
import { type Pacing, Service } from './service.ts';
import { ServiceAccount } from './service-account.ts';
import { SnapshotFiles } from './snapshot-files.ts';
import { Studies } from './studies.ts';

/** The Terra Data Repository with what belongs to it. */
export interface OpenedApi {
  readonly snapshots: ApiSnapshots;
  readonly api: RepositoryApi;
  readonly sam: Service;
  /** descriptions of datasets; null where DUOS isn't asked */
  readonly studies: Studies | null;
  readonly indexer: ServiceAccount;
  /** stands for callers without credentials */
  readonly anonymous: ServiceAccount | null;
}

/** As a catalog's options say. Nothing is asked yet. */
export function openApi(settings: ApiSettings, pacing: Pacing = {}): OpenedApi {
  const { api: url, accounts, location, scratch, scratchBytes, services } = settings;
  const { storage, tokens, registry } = services;
  const api = new RepositoryApi(new Service('The Terra Data Repository', url, pacing));
  const sam = new Service('SAM', services.sam, pacing);
  const indexer = new ServiceAccount({ name: 'indexer', keyFile: accounts.indexer, tokens });
  const anonymous =
    accounts.public === undefined ? null : new ServiceAccount({ name: 'public', keyFile: accounts.public, tokens });
  const source = sourceOf(settings, api, indexer, pacing);
  const snapshots = new ApiSnapshots({
    ...{ api, indexer, location, tables: new KeptTables({ folder: scratch, maxBytes: scratchBytes, source }) },
    files: new SnapshotFiles({ api: url, storage, registry }),
    access: new CallersAccess({ sam, anonymous }),
  });
  const studies =
    services.duos === undefined
      ? null
      : new Studies({ api, indexer, duos: new Service('DUOS', services.duos, pacing) });
  return { snapshots, api, sam, studies, indexer, anonymous };
}

/** Where tables come from, as the settings say. */
function sourceOf(
  { tables, services: { storage }, bigquery, location }: ApiSettings,
  api: RepositoryApi,
  indexer: ServiceAccount,
  pacing: Pacing,
): TableSource {
  const clock = { ...systemClock, ...pacing.clock };
  const authorization = (signal: AbortSignal) => indexer.authorization(signal);
  if (tables === 'bigquery' && bigquery !== undefined) {
    const service = new BigQueryService({ ...bigquery, authorization });
    const queryMillis = bigquery.querySeconds * 1000;
    const rowCounts = async ({ id }: SnapshotRef, signal: AbortSignal) => {
      const asking = { authorization: await authorization(signal), waiting: 'background', signal } as const;
      const { tables: known } = await api.snapshot(id, 'TABLES', asking);
      return new Map((known ?? []).flatMap(({ name, rowCount }) => (rowCount == null ? [] : [[name, rowCount]])));
    };
    return new BigQueryTables(new Queries({ ...bigquery, service, location, queryMillis, clock }), {
      dollarsPerTebibyte: bigquery.dollarsPerTebibyte,
      rowCounts,
    });
  }
  const objects =
    tables === 'storage'
      ? new StoredObjects({ endpoint: storage, authorization, clock })
      : new SignedObjects(storage, pacing);
  return new ExportedTables({ api, indexer, objects, pacing });
}
