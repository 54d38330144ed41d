import type { ExportedSnapshot } from '../exports.ts';
import type { Account } from './account.ts';
import { type Answer, type Asked, type Faults, json, type Route, wrong } from './routes.ts';

/** A snapshot with its tables, and who may read it: accounts of one of its groups. */
export interface StandInSnapshot extends ExportedSnapshot {
  readonly groups: readonly string[];
  /** who may export it; default: whoever may read it */
  readonly exporters?: readonly string[];
  readonly region?: string;
  readonly description?: string;
  readonly duosId?: string;
  /** its files have ids of their own */
  readonly globalFileIds?: boolean;
}

const isOf = ({ groups = [] }: Account, wanted: readonly string[]): boolean =>
  groups.some((group) => wanted.includes(group));
export const mayRead = (account: Account, { groups }: StandInSnapshot): boolean => isOf(account, groups);
export const mayExport = (account: Account, { groups, exporters = groups }: StandInSnapshot): boolean =>
  isOf(account, exporters);

/** Who calls, or why the repository has nothing for them. */
export function caller({ account }: Asked): Account | Answer {
  if (account === null || account === 'unknown') return wrong(401, 'Unauthorized');
  return account.registered === false ? wrong(401, `${account.email} is not registered`) : account;
}

export const isAnswer = (one: object): one is Answer => 'status' in one;

/** The snapshots of the repository (specification, tdr 2.1). Whoever has them may take one away at any time. */
export class RepositorySnapshots {
  readonly byId: Map<string, StandInSnapshot>;
  readonly #faults: Faults;

  constructor(snapshots: readonly StandInSnapshot[], faults: Faults) {
    this.byId = new Map(snapshots.map((snapshot) => [snapshot.id, snapshot]));
    this.#faults = faults;
  }

  /** The snapshot of a request's first part; it is looked for before it is asked who calls. */
  found(asked: Asked): { readonly account: Account; readonly snapshot: StandInSnapshot } | Answer {
    const account = caller(asked);
    if (isAnswer(account)) return account;
    const snapshot = this.byId.get(asked.parts[0] ?? '');
    return snapshot === undefined ? wrong(404, `Snapshot not found: ${asked.parts[0]}`) : { account, snapshot };
  }

  routes(): readonly Route[] {
    return [
      ['GET', /^\/api\/repository\/v1\/snapshots$/, (asked) => this.#list(asked)],
      ['GET', /^\/api\/repository\/v1\/snapshots\/roleMap$/, (asked) => this.#roles(asked)],
      ['GET', /^\/api\/repository\/v1\/snapshots\/([^/]+)$/, (asked) => this.#one(asked)],
      ['POST', /^\/api\/repository\/v1\/snapshots\/([^/]+)\/data\/([^/]+)$/, (asked) => this.#rows(asked)],
      ['GET', /^\/status$/, () => json(200, { ok: true, systems: {} })],
    ];
  }

  #seen(account: Account): readonly StandInSnapshot[] {
    return [...this.byId.values()].filter((snapshot) => mayRead(account, snapshot));
  }

  #list(asked: Asked): Answer {
    const account = caller(asked);
    if (isAnswer(account)) return account;
    const { query, path } = asked;
    const [offset, limit] = [Number(query.get('offset') ?? 0), Number(query.get('limit') ?? 10)];
    if (!Number.isInteger(offset) || !Number.isInteger(limit) || offset < 0 || limit < 1) return wrong(400, 'Bad page');
    const seen = this.#seen(account);
    const filter = (query.get('filter') ?? '').toLowerCase();
    const matching = seen.filter(({ id, name, description = '' }) =>
      [id, name, description].some((text) => text.toLowerCase().includes(filter)),
    );
    if (query.get('sort') === 'name') matching.sort((a, b) => (a.name < b.name ? -1 : 1));
    if (query.get('direction') === 'desc') matching.reverse();
    const fault = this.#faults.take(path, true);
    const from = fault === 'repeats' ? Math.max(0, offset - 1) : offset;
    const page = matching.slice(from, from + limit);
    return json(200, {
      ...{ total: seen.length, filteredTotal: matching.length, errors: [] },
      roleMap: Object.fromEntries(page.map(({ id }) => [id, ['reader']])),
      items: (fault === 'loses' ? page.slice(1) : page).map(itemOf),
    });
  }

  #roles(asked: Asked): Answer {
    const account = caller(asked);
    if (isAnswer(account)) return account;
    const roleMap = Object.fromEntries(this.#seen(account).map(({ id }) => [id, ['reader']]));
    return json(200, { roleMap, errors: [] });
  }

  /** A preview of a table. */
  #rows(asked: Asked): Answer {
    const found = this.found(asked);
    if (isAnswer(found)) return found;
    const { account, snapshot } = found;
    if (!mayRead(account, snapshot))
      return wrong(403, `User ${account.email} does not have required action: read_data`);
    const table = snapshot.tables[asked.parts[1] ?? ''];
    if (table === undefined) return wrong(404, `No dataset table exists with the name: ${asked.parts[1]}`);
    const { offset = 0, limit = 30 } = JSON.parse(asked.body.toString()) as { offset?: number; limit?: number };
    const { length } = table.rows;
    return json(200, {
      result: table.rows.slice(offset, offset + limit),
      totalRowCount: length,
      filteredRowCount: length,
    });
  }

  #one(asked: Asked): Answer {
    const found = this.found(asked);
    if (isAnswer(found)) return found;
    const { account, snapshot } = found;
    if (!mayRead(account, snapshot))
      return wrong(403, `User ${account.email} does not have required action: read_data`);
    const included = asked.query.getAll('include');
    return json(200, snapshotOf(snapshot, included.length === 0 ? ['TABLES', 'DUOS', 'DATA_PROJECT'] : included));
  }
}

const storageOf = ({ region = 'us-central1' }: StandInSnapshot) =>
  ['bigquery', 'bucket'].map((cloudResource) => ({ region, cloudResource, cloudPlatform: 'gcp' }));

const createdDate = '2022-01-05T17:02:33.123456Z';

function itemOf(snapshot: StandInSnapshot) {
  const { id, name, description = '', project } = snapshot;
  return {
    ...{ id, name, description, createdDate, dataProject: project, storage: storageOf(snapshot) },
    ...{ cloudPlatform: 'gcp', consentCode: null, phsId: null, selfHosted: false, tags: [], duosId: null },
  };
}

/** A snapshot by its id: where its tables are stored is in its dataset only. */
export function snapshotOf(snapshot: StandInSnapshot, included: readonly string[]) {
  const { id, name, description = '', project, tables, duosId, globalFileIds = false } = snapshot;
  return {
    ...{ id, name, description, createdDate, cloudPlatform: 'gcp', globalFileIds, compactIdPrefix: null, tags: [] },
    ...(included.includes('DATA_PROJECT') && { dataProject: project }),
    ...(included.includes('SOURCES') && { source: [{ dataset: { id, name, storage: storageOf(snapshot) } }] }),
    ...(included.includes('TABLES') && {
      tables: Object.entries(tables).map(([table, { columns, rows }]) => ({
        ...{ name: table, rowCount: rows.length, primaryKey: [], partitionMode: 'none' },
        columns: Object.entries(columns).map(([column, type]) => ({
          ...{ name: column, datatype: type.replace('[]', '').toLowerCase(), array_of: type.endsWith('[]') },
          required: false,
        })),
      })),
    }),
    ...(included.includes('DUOS') &&
      duosId !== undefined && {
        duosFirecloudGroup: { id: `group of ${duosId}`, duosId, firecloudGroupName: 'group' },
      }),
  };
}
