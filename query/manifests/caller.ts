import { LazuliError } from '../../core/config/errors.ts';
import type { ExportRequest } from '../../core/exports/request.ts';
import type { Tokens } from '../../core/exports/tokens.ts';
import type { Context } from '../../core/http/state.ts';
import type { AccessibleSources } from '../access.ts';
import type { Catalog } from '../catalogs.ts';
import { addressOf, type Identify, identityOf } from '../http/caller.ts';
import { fromRepository } from '../http/from-repository.ts';

/** Who asks for an export. */
export interface Caller {
  readonly sources: AccessibleSources;
  /** by which jobs of one caller are counted; tells nobody who it is */
  readonly pseudonym: string;
}

interface CallerParts {
  readonly identify: Identify;
  readonly catalog: Catalog;
  readonly tokens: Tokens;
}

/** @throws LazuliError `unauthorized`, `unavailable` */
export async function callerOf(ctx: Context, { identify, catalog, tokens }: CallerParts): Promise<Caller> {
  const identity = await identityOf(ctx, identify);
  const name = identity.subject === null ? ['address', addressOf(ctx)] : ['subject', identity.subject];
  return { sources: await catalog.callers.of(identity), pseudonym: tokens.pseudonym(JSON.stringify(name)) };
}

/** Ids of the sources that a catalog has. @throws LazuliError `unavailable` */
export async function catalogSources({ repository }: Catalog): Promise<ReadonlySet<string>> {
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
  { identify, catalog }: Omit<CallerParts, 'tokens'>,
): Promise<void> {
  const known = await catalogSources(catalog);
  if (!sources.every((id) => known.has(id)))
    throw lost('The manifest has documents of a source that the catalog does not have any more.');
  if (ctx.headers.authorization === undefined) return;
  const accessible = await catalog.callers.of(await identityOf(ctx, identify));
  if (!sources.every((id) => accessible.has(id)))
    throw lost('The manifest has documents of a source that you may not see, or not any more.');
}

const lost = (message: string): LazuliError =>
  new LazuliError('forbidden', message, { remedy: 'Request a new one: it has what you may see.' });
