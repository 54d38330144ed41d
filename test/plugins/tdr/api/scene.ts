import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LazuliError } from '../../../../core/config/errors.ts';
import { Credential, type Identity } from '../../../../core/model/authentication.ts';
import { openApi } from '../../../../plugins/repository/tdr/api/open.ts';
import { repositoryOf } from '../../../../plugins/repository/tdr/api/open-repository.ts';
import { apiSettings } from '../../../../plugins/repository/tdr/api/options.ts';
import type { Pacing } from '../../../../plugins/repository/tdr/api/service.ts';
import type { TdrRepository } from '../../../../plugins/repository/tdr/repository.ts';
import { anvilTables } from '../../../rigs/tdr/anvil.ts';
import type { Account } from '../../../rigs/tdr/stand-in/account.ts';
import type { StandInSnapshot } from '../../../rigs/tdr/stand-in/snapshots.ts';
import { type StandIn, startStandIn } from '../../../rigs/tdr/stand-in/start.ts';

export const project = 'datarepo-1a2b3c4d';
export const idOf = (n: number): string => `${n}a1c0000-0000-4000-8000-000000000000`;
export const specOf = (name: string): string => `tdr:bigquery:gcp:${project}:${name}:/1`;
export const anonymous: Identity = { subject: null };
/** Somebody with a token of the stand-in. */
export const person = (token: string): Identity => ({ subject: token, credential: new Credential(token) });

/** Biosamples of one donor. */
function tablesOf(biosamples: number) {
  const rowId = (n: number): string => `${n.toString(16)}0000000-0000-4000-8000-000000000000`;
  return anvilTables({
    anvil_biosample: Array.from({ length: biosamples }, (_, n) => ({
      ...{ biosample_id: `sample ${n}`, datarepo_row_id: rowId(n), donor_id: ['donor'] },
      part_of_dataset_id: ['dataset'],
    })),
    anvil_donor: [{ donor_id: 'donor', datarepo_row_id: rowId(14), part_of_dataset_id: 'dataset' }],
    anvil_dataset: [{ dataset_id: 'dataset', datarepo_row_id: rowId(15) }],
  });
}

const emptyTables = { links: { columns: { links_id: 'VARCHAR' }, rows: [] } };
const snapshot = (n: number, name: string, more: Partial<StandInSnapshot> = {}): StandInSnapshot => ({
  ...{ id: idOf(n), name, project, groups: ['indexers'], tables: emptyTables, ...more },
});

const snapshots: readonly StandInSnapshot[] = [
  snapshot(1, 'ANVIL_one', { tables: tablesOf(3), groups: ['indexers', 'everybody'], duosId: 'DUOS-000123' }),
  snapshot(2, 'ANVIL_one_more', { tables: tablesOf(2), groups: ['indexers', 'readers'] }),
  snapshot(3, 'ANVIL_abroad', { region: 'US', description: 'About ANVIL_one' }),
  snapshot(4, 'ANVIL_elsewhere', { project: 'datarepo-ffffffff' }),
  snapshot(5, 'ANVIL_twice'),
  snapshot(6, 'ANVIL_twice'),
  snapshot(7, 'ANVIL_secret', { groups: ['others'] }),
  snapshot(8, 'ANVIL_listed', { exporters: [] }),
];

const accountsOf = (): readonly Account[] => [
  { email: 'indexer@lazuli-test.iam.gserviceaccount.com', groups: ['indexers'] },
  { email: 'public@lazuli-test.iam.gserviceaccount.com', groups: ['everybody'] },
  { email: 'ann@example.org', token: 'ann', groups: ['everybody', 'readers'] },
  { email: 'eve@example.org', token: 'eve', groups: ['readers'], registered: false },
];

/** A repository of the stand-in, with time that passes at once; `waits` are how long was waited. */
export interface Scene {
  readonly standIn: StandIn;
  readonly accounts: readonly Account[];
  readonly folder: string;
  readonly waits: number[];
  readonly options: (more?: object) => object;
  readonly open: (names: readonly string[], options?: object) => TdrRepository;
  readonly close: () => Promise<void>;
}

export async function setScene(): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-tdr-api-'));
  const accounts = accountsOf();
  const studies = new Map([['DUOS-000123', 'What the study is about']]);
  const standIn = await startStandIn({ accounts, snapshots, studies });
  const [indexer, everybody] = ['indexer', 'public'].map((name) => join(folder, `${name}.json`)) as [string, string];
  standIn.accounts.writeKey(indexer, accounts[0]?.email ?? '');
  standIn.accounts.writeKey(everybody, accounts[1]?.email ?? '');
  const waits: number[] = [];
  const clock = { sleep: async (millis: number) => void waits.push(millis) };
  const pacing: Pacing = {
    clock,
    paces: { caller: { millis: 300, retries: 0 }, background: { millis: 300, retries: 2 } },
  };
  const { sam, duos, tokens, url: registry } = standIn;
  const services = { sam, duos, tokens, registry, storage: standIn.storage.url };
  const options = (more: object = {}) => ({
    ...{ api: standIn.url, accounts: { indexer, public: everybody }, scratch: folder },
    services,
    ...more,
  });
  return {
    ...{ standIn, accounts, folder, waits, options },
    open: (names, more) => {
      const settings = apiSettings.parse(options(more));
      const limits = { folder, memoryBytes: 2 ** 28, threads: 1 };
      return repositoryOf(openApi(settings, pacing), { sources: names.map(specOf), limits });
    },
    close: async () => {
      await standIn.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** `<code>: <message>`, or what came. */
export const toldBy = (work: Promise<unknown>): Promise<unknown> =>
  work.catch(({ code, message }: LazuliError) => `${code}: ${message}`);
