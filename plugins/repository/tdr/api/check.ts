import { z } from 'zod';
import { LazuliError } from '../../../../core/config/errors.ts';
import { parseSourceSpec } from '../../../../core/config/sources.ts';
import { severalAtATime } from '../../../../core/runtime/several.ts';
import { modelOf } from '../models.ts';
import { parseTdrSpec } from '../spec.ts';
import type { SnapshotRef } from '../tables/tables.ts';
import { Refused } from './failures.ts';
import type { OpenedApi } from './open.ts';
import type { Asking } from './service.ts';
import type { ServiceAccount } from './service-account.ts';

/** A service account, and whether it can be used. */
export interface CheckedAccount {
  readonly name: string;
  readonly email: string | null;
  readonly problems: readonly string[];
}

/** A source of a catalog, and whether it can be used. */
export interface CheckedSource {
  readonly spec: string;
  readonly snapshot: string | null;
  /** by the repository's own numbers of rows; of AnVIL without supplementary files; null where it doesn't say */
  readonly bundles: number | null;
  /** whether callers who aren't signed in see it */
  readonly isPublic: boolean;
  readonly problems: readonly string[];
}

export interface CheckedApi {
  readonly accounts: readonly CheckedAccount[];
  readonly sources: readonly CheckedSource[];
}

/** Tables whose rows are bundles. */
const rootTables = ['links', 'anvil_biosample'];
const mostNamed = 5;
/** Sources that are looked at at a time. */
const together = 8;

/**
 * Looks at all that has to be right before sources can be indexed and seen: accounts, names, places, permissions, prefixes.
 *
 * @param sources source specs
 */
export async function checkApi(
  { snapshots, api, indexer, anonymous, sam }: OpenedApi,
  sources: readonly string[],
  signal: AbortSignal,
): Promise<CheckedApi> {
  const accounts = anonymous === null ? [indexer] : [indexer, anonymous];
  const checked = await Promise.all(accounts.map((account) => checkAccount(account, sam, signal)));
  const read = await rolesOf(indexer);
  const seen = anonymous === null ? new Set<string>() : await rolesOf(anonymous);
  const beyond = read === null || seen === null ? [] : [...seen].filter((id) => !read.has(id));
  const wanted = sources.map((spec) => ({ spec, ...parseTdrSpec(spec) }));
  const found = await snapshots.find(wanted, signal).catch(problemOf);
  const looked = new Map<string, CheckedSource>();
  await severalAtATime(together, sources.entries(), async ([i, spec]) => {
    looked.set(spec, await checkSource(spec, Array.isArray(found) ? found[i] : found));
  });
  return {
    accounts: checked.map((one) =>
      one.name === 'public' && beyond.length > 0
        ? { ...one, problems: [...one.problems, `reads what the indexer account doesn't: ${named(beyond)}`] }
        : one,
    ),
    sources: sources.flatMap((spec) => looked.get(spec) ?? []),
  };

  async function rolesOf(account: ServiceAccount): Promise<ReadonlySet<string> | null> {
    return askingOf(account, signal)
      .then((asking) => api.roles(asking))
      .catch(() => null);
  }

  async function checkSource(spec: string, ref: SnapshotRef | LazuliError | undefined): Promise<CheckedSource> {
    const none = { spec, snapshot: null, bundles: null, isPublic: false };
    if (ref === undefined) return { ...none, problems: ['nothing is known of it'] };
    if (ref instanceof LazuliError) return { ...none, problems: [ref.message] };
    const isPublic = seen?.has(ref.id) === true;
    try {
      const { tables } = await api.snapshot(ref.id, 'TABLES', await askingOf(indexer, signal));
      const model = modelOf(new Set(tables?.map(({ name }) => name)));
      const bundles = tables?.find(({ name }) => rootTables.includes(name))?.rowCount ?? null;
      const problems = model === undefined ? ['its tables are those of no data model that is known'] : [];
      if (model !== undefined) await snapshots.tables.check(ref, signal);
      return { spec, snapshot: ref.id, bundles, isPublic, problems: [...problems, ...prefixProblems(spec, bundles)] };
    } catch (error) {
      return { ...none, snapshot: ref.id, isPublic, problems: [problemOf(error).message] };
    }
  }
}

/** A prefix makes parts of a source; most of them shouldn't be empty. */
function prefixProblems(spec: string, bundles: number | null): readonly string[] {
  const { prefix } = parseSourceSpec(spec);
  if (bundles === null) return [];
  if (bundles === 0) return ['it has no bundles'];
  const parts = 16 ** (prefix?.partition ?? 0);
  return parts > 1 && parts > bundles
    ? [`its prefix makes ${parts} parts of ${bundles} bundles: take a shorter one`]
    : [];
}

async function checkAccount(
  account: ServiceAccount,
  sam: OpenedApi['sam'],
  signal: AbortSignal,
): Promise<CheckedAccount> {
  const { name } = account;
  const email = await account.email().catch(() => null);
  try {
    const answers = { 200: z.unknown(), 404: z.unknown() };
    const { status } = await sam.ask({ path: '/register/user/v1' }, answers, await askingOf(account, signal));
    return { name, email, problems: status === 200 ? [] : ['SAM does not know it: run `lazuli tdr register`'] };
  } catch (error) {
    return { name, email, problems: [problemOf(error).message] };
  }
}

/** What became of an account that was to be registered. */
export interface Registered {
  readonly name: string;
  readonly email: string;
  readonly outcome: 'registered' | 'was registered already';
}

/**
 * Registers the accounts with SAM, once and for all. That makes them known; it gives no access to anything.
 *
 * @throws LazuliError `repository_unavailable`
 */
export async function registerAccounts(
  { indexer, anonymous, sam }: OpenedApi,
  signal: AbortSignal,
): Promise<readonly Registered[]> {
  const registered: Registered[] = [];
  for (const account of anonymous === null ? [indexer] : [indexer, anonymous])
    registered.push(await register(account, sam, signal));
  return registered;
}

async function register(account: ServiceAccount, sam: OpenedApi['sam'], signal: AbortSignal): Promise<Registered> {
  const [name, email] = [account.name, await account.email()];
  try {
    const answers = { 201: z.unknown(), 409: z.unknown() };
    const question = { method: 'POST', path: '/register/user/v1' } as const;
    const { status } = await sam.ask(question, answers, await askingOf(account, signal));
    return { name, email, outcome: status === 201 ? 'registered' : 'was registered already' };
  } catch (error) {
    if (!(error instanceof Refused) || !error.message.includes('Cannot update googleSubjectId')) throw error;
    throw new LazuliError('repository_unavailable', `SAM knows ${email} as another account, which was deleted`, {
      remedy: 'Make an account of another name, mount its key, and register that: SAM never forgets an address.',
      cause: error,
    });
  }
}

async function askingOf(account: ServiceAccount, signal: AbortSignal): Promise<Asking> {
  return { authorization: await account.authorization(signal), waiting: 'background', signal };
}

/** @throws the error where nobody foresaw it */
function problemOf(error: unknown): LazuliError {
  if (error instanceof LazuliError) return error;
  throw error;
}

const named = (ids: readonly string[]): string =>
  `${ids.slice(0, mostNamed).join(', ')}${ids.length > mostNamed ? ` and ${ids.length - mostNamed} more` : ''}`;
