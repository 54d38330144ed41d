import type { LazuliError } from '../../core/config/errors.ts';
import { commandLines } from '../../core/exports/command-lines.ts';
import type { Job } from '../../core/exports/jobs.ts';
import type { PollClaims } from '../../core/exports/tokens.ts';
import { baseUrl } from '../../core/http/base-url.ts';
import { refusal } from '../../core/http/refusal.ts';
import type { Context } from '../../core/http/state.ts';
import type { Catalog } from '../catalogs.ts';
import type { QueryDeps } from '../deps.ts';
import { answerLater, answerReady, pathOf, type Variant } from './answers.ts';
import { callerOf, checkAccess } from './caller.ts';
import type { Exports } from './exports.ts';
import { held } from './held.ts';
import { expired, resultUrl } from './links.ts';
import { type Asked, askedFor, type ExportParameters } from './requested.ts';
import type { Standing } from './standing.ts';
import { awaited, standingOf } from './waiting.ts';

/** Seconds that callers are asked to wait, answer by answer (specification, service-api 10.3). */
const ladder = [1, 1, 1, 4, 6, 10];
/** of a token with which somebody waits */
const tokenMillis = 24 * 60 * 60 * 1000;

type Deps = Pick<QueryDeps, 'catalogs' | 'identify' | 'exports'>;

/** How somebody came here. */
interface Way {
  readonly variant: Variant;
  /** answers before */
  readonly index: number;
  /** redirects are followed at once */
  readonly held: boolean;
}

/**
 * A request for an export (specification, service-api 10.2).
 *
 * @throws LazuliError `bad_request`, `not_found`, `unauthorized`, `forbidden`, `unavailable`
 */
export async function answerRequest(
  deps: Deps,
  ctx: Context,
  { variant, isHeld, given }: { variant: Variant; isHeld: boolean; given: ExportParameters },
): Promise<void> {
  const exports = await deps.exports();
  const { hash, request, caller }: Asked = await askedFor(deps, exports, ctx, given);
  const standing = await standingOf(exports, { hash, request, caller: caller.pseudonym });
  exports.count(request.format, standing.kind === 'ready' ? 'ready' : standing.outcome);
  const way = { variant, index: 0, held: isHeld };
  await answer(exports, ctx, { way, job: { hash, request }, standing, catalog: catalogOf(deps, request) });
}

/**
 * A look at an export, by its token or by a key that was given away (specification, service-api 10.2).
 *
 * @throws LazuliError `bad_request`, `forbidden`, `gone`, `manifest_failed`, `unauthorized`, `unavailable`
 */
export async function answerPoll(deps: Deps, ctx: Context, variant: Variant, token: string): Promise<void> {
  const exports = await deps.exports();
  const claims = exports.tokens.parse(token, ['poll', 'key']);
  if (claims === null) throw invalidToken();
  if (claims.purpose === 'key') refuseKey(ctx, variant);
  if (exports.clock.now() >= claims.expires) throw expired();
  const job = await exports.jobs.get(claims.hash);
  if (job === null) throw claims.purpose === 'key' ? expired() : invalidToken();
  const catalog = catalogOf(deps, job.request);
  const { identify } = deps;
  await checkAccess(ctx, job.request, { identify, catalog });
  const poll: PollClaims = claims.purpose === 'poll' ? claims : { ...claims, purpose: 'poll', index: 0, held: true };
  const { pseudonym } = await callerOf(ctx, { identify, catalog, tokens: exports.tokens });
  const wanted = { ...job, caller: pseudonym };
  const look = () => awaited(exports, wanted);
  const standing = await (poll.held && claims.purpose === 'poll' ? held(ctx, exports.clock, look) : look());
  const way = { variant, index: poll.index, held: poll.held };
  await answer(exports, ctx, { way, job, standing, catalog });
}

interface Answered {
  readonly way: Way;
  readonly job: Pick<Job, 'hash' | 'request'>;
  readonly standing: Standing;
  readonly catalog: Catalog;
}

async function answer(exports: Exports, ctx: Context, { way, job, standing, catalog }: Answered): Promise<void> {
  const { variant, index } = way;
  const { hash, request } = job;
  const base = baseUrl(ctx);
  if (standing.kind === 'later') {
    const expires = exports.clock.now() + tokenMillis;
    const next = {
      purpose: 'poll',
      catalog: request.catalog,
      hash,
      index: index + 1,
      held: way.held,
      expires,
    } as const;
    const seconds = ladder[Math.min(index, ladder.length - 1)] ?? 1;
    const location = `${base}${pathOf(variant)}/${exports.tokens.print(next)}`;
    return answerLater(ctx, variant, { location, seconds, progress: standing.progress });
  }
  const { result, written } = standing;
  const lasting = variant === 'fetch' && request.format === 'curl' && !catalog.plugin.manifests?.hourlyLinks;
  const expires = written + exports.lifeMillis;
  const key = () => exports.tokens.print({ purpose: 'key', catalog: request.catalog, hash, expires });
  const url = lasting ? `${base}${pathOf('plain')}/${key()}` : await resultUrl(exports, job, result, base);
  const { authorization } = ctx.headers;
  const commands = commandLines({ url, name: result.name, format: request.format, authorization });
  answerReady(ctx, variant, { location: url, commands, result });
}

/** The catalogs of a service may change over its tokens. @throws LazuliError `bad_request` */
function catalogOf({ catalogs }: Deps, { catalog }: { readonly catalog: string }): Catalog {
  const found = catalogs.byName.get(catalog);
  if (found === undefined) throw invalidToken();
  return found;
}

function refuseKey(ctx: Context, variant: Variant): void {
  if (variant === 'fetch')
    throw refusal('The fetch endpoint does not support a manifest key.', 'Leave out `/fetch` from the path.');
  if (ctx.headers.authorization !== undefined)
    throw refusal('Must omit authentication when passing a manifest key.', 'Leave out the Authorization header.');
}

const invalidToken = (): LazuliError => refusal('Invalid token.', 'Ask for the manifest again.');
