import { LazuliError } from '../../core/config/errors.ts';
import type { ExportRequest } from '../../core/exports/request.ts';
import type { Tokens } from '../../core/exports/tokens.ts';
import type { Context } from '../../core/http/state.ts';
import type { Repository } from '../../core/model/repository.ts';
import type { AccessibleSources } from '../access.ts';
import { addressOf, fromRepository, type Identify, identityOf, sourcesOf } from '../http/caller.ts';

/** Who asks for an export. */
export interface Caller {
  readonly sources: AccessibleSources;
  /** by which jobs of one caller are counted; tells nobody who it is */
  readonly pseudonym: string;
}

interface CallerParts {
  readonly identify: Identify;
  readonly repository: Repository;
  readonly tokens: Tokens;
}

/** @throws LazuliError `unauthorized`, `unavailable` */
export async function callerOf(ctx: Context, { identify, repository, tokens }: CallerParts): Promise<Caller> {
  const identity = await identityOf(ctx, identify);
  const name = identity.subject === null ? ['address', addressOf(ctx)] : ['subject', identity.subject];
  return { sources: await sourcesOf(identity, repository), pseudonym: tokens.pseudonym(JSON.stringify(name)) };
}

/** Ids of the sources that a catalog has. @throws LazuliError `unavailable` */
export async function catalogSources(repository: Repository): Promise<ReadonlySet<string>> {
  const sources = await fromRepository('which sources there are', (signal) => repository.listSources(signal));
  return new Set(sources.map(({ id }) => id));
}

/**
 * Checks who waits for an export, where they say who they are, and that the catalog still has all that it is of.
 *
 * @throws LazuliError `forbidden`, `unauthorized`, `unavailable`
 */
export async function checkAccess(
  ctx: Context,
  { sources }: Pick<ExportRequest, 'sources'>,
  { identify, repository }: Omit<CallerParts, 'tokens'>,
): Promise<void> {
  const known = await catalogSources(repository);
  if (!sources.every((id) => known.has(id)))
    throw lost('The manifest has documents of a source that the catalog does not have any more.');
  if (ctx.headers.authorization === undefined) return;
  const accessible = await sourcesOf(await identityOf(ctx, identify), repository);
  if (!sources.every((id) => accessible.has(id)))
    throw lost('The manifest has documents of a source that you may not see, or not any more.');
}

const lost = (message: string): LazuliError =>
  new LazuliError('forbidden', message, { remedy: 'Request a new one: it has what you may see.' });
