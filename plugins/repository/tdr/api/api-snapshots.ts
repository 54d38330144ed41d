import { LazuliError } from '../../../../core/config/errors.ts';
import type { Identity } from '../../../../core/model/authentication.ts';
import type { DataFile, FilePlace } from '../../../../core/model/repository.ts';
import { orAborted } from '../../../../core/runtime/aborted.ts';
import { systemClock } from '../../../../core/runtime/clock.ts';
import type { Snapshots, WantedSnapshot } from '../snapshots.ts';
import type { SnapshotRef, SnapshotTables } from '../tables/tables.ts';
import type { CallersAccess } from './access.ts';
import type { RepositoryApi } from './repository-api.ts';
import type { SnapshotItem } from './schemas.ts';
import type { ServiceAccount } from './service-account.ts';
import type { SnapshotFiles } from './snapshot-files.ts';
import { unusable } from './unusable.ts';

export interface ApiSnapshotsParts {
  readonly api: RepositoryApi;
  readonly indexer: ServiceAccount;
  readonly access: CallersAccess;
  /** of BigQuery */
  readonly location: string;
  readonly tables: SnapshotTables;
  readonly files: SnapshotFiles;
}

const rememberedMillis = 10 * 60_000;
/** for all pages, with what is tried again */
const listMillis = 300_000;

/** Snapshots of the Terra Data Repository by its API. */
export class ApiSnapshots implements Snapshots {
  readonly tables: SnapshotTables;
  readonly #parts: ApiSnapshotsParts;
  #remembered: { readonly at: number; readonly part: string; readonly items: Promise<readonly SnapshotItem[]> } | null =
    null;

  /** what was found last, for whoever asks for each bundle */
  #found: {
    readonly items: readonly SnapshotItem[];
    readonly wanted: readonly WantedSnapshot[];
    readonly refs: readonly (SnapshotRef | LazuliError)[];
  } | null = null;

  constructor(parts: ApiSnapshotsParts) {
    this.#parts = parts;
    this.tables = parts.tables;
  }

  async find(wanted: readonly WantedSnapshot[], signal: AbortSignal): Promise<readonly (SnapshotRef | LazuliError)[]> {
    const items = await orAborted(this.#items(sharedStart(wanted.map(({ name }) => name))), signal);
    const known = this.#found;
    if (known?.items === items && sameSpecs(known.wanted, wanted)) return known.refs;
    const byName = Map.groupBy(items, ({ name }) => name);
    const refs = wanted.map((one) => refOf(one, byName.get(one.name) ?? [], this.#parts.location));
    this.#found = { items, wanted, refs };
    return refs;
  }

  accessible(_: readonly SnapshotRef[], identity: Identity, signal: AbortSignal): Promise<ReadonlySet<string>> {
    const { access, api } = this.#parts;
    return access.as<ReadonlySet<string>>({
      ...{ identity, signal, ask: (asking) => api.roles(asking) },
      byNobody: () => new Set(),
    });
  }

  /** Files elsewhere are where their DRS URIs say. */
  async locate({ drsUri }: DataFile, identity: Identity, signal: AbortSignal): Promise<FilePlace | null> {
    const { access, files } = this.#parts;
    if (drsUri === null) return null;
    if (!files.has(drsUri)) return { kind: 'drs', uri: drsUri };
    return access.as({ identity, signal, ask: (asking) => files.locate(drsUri, asking), byNobody: noPublicFiles });
  }

  /** Whoever asks doesn't end what others wait for. */
  #items(part: string): Promise<readonly SnapshotItem[]> {
    const known = this.#remembered;
    if (known?.part === part && Math.abs(systemClock.now() - known.at) < rememberedMillis) return known.items;
    const items = this.#list(part);
    const own = { at: systemClock.now(), part, items };
    this.#remembered = own;
    items.catch(() => {
      if (this.#remembered === own) this.#remembered = null;
    });
    return items;
  }

  async #list(part: string): Promise<readonly SnapshotItem[]> {
    const { api, indexer } = this.#parts;
    const signal = AbortSignal.timeout(listMillis);
    const authorization = await indexer.authorization(signal);
    return api.list(part, { authorization, waiting: 'background', signal });
  }
}

function noPublicFiles(): never {
  throw new LazuliError('forbidden', 'The repository gives no files to callers who are not signed in.', {
    remedy: 'Sign in.',
  });
}

const sameSpecs = (one: readonly WantedSnapshot[], other: readonly WantedSnapshot[]): boolean =>
  one.length === other.length && one.every(({ spec }, i) => spec === other[i]?.spec);

/** What all begin with. */
function sharedStart(names: readonly string[]): string {
  const [first = '', ...others] = names;
  let length = first.length;
  for (const other of others) while (!other.startsWith(first.slice(0, length))) length--;
  return first.slice(0, length);
}

/** The one of exactly that name, where a source spec says (specification, repository-plugins 4.2). */
function refOf(
  { spec, name, project }: WantedSnapshot,
  named: readonly SnapshotItem[],
  location: string,
): SnapshotRef | LazuliError {
  const [item, ...others] = named;
  if (item === undefined) return unusable(spec, 'there is no such snapshot, or the indexer account may not see it');
  if (others.length > 0) return unusable(spec, `${others.length + 1} snapshots have that name`);
  if (item.dataProject !== project)
    return unusable(spec, `that snapshot is in project ${item.dataProject ?? 'unknown'}`);
  const regions = (item.storage ?? []).filter(({ cloudResource }) => cloudResource?.toLowerCase() === 'bigquery');
  if (regions.length !== 1) return unusable(spec, `it has ${regions.length} storages in BigQuery`);
  const region = regions[0]?.region ?? 'unknown';
  if (region.toLowerCase() !== location.toLowerCase())
    return unusable(spec, `its tables are in ${region}, and ${location} is configured`);
  return { id: item.id, name, project };
}
