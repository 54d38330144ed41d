import { LazuliError } from '../config/errors.ts';
import type { Context } from '../http/state.ts';
import { type Health, type HealthCheck, type HealthChecks, healthOf, remembered, selectChecks } from './health.ts';

const cachedMillis = 60_000;

/** What the routes of `/health` need. */
export interface HealthOptions {
  readonly checks: HealthChecks;
  /** checks that monitoring may run every minute */
  readonly fastKeys: readonly string[];
  /** the one catalog whose health is remembered */
  readonly defaultCatalog: string;
}

/**
 * `GET /health` and `/health/{basic,fast,cached,<keys>}` (specification, service-api 4). `cached` is
 * never missing or stale: whoever asks first after a minute has it found out again.
 */
export function healthRoute({ checks, fastKeys, defaultCatalog }: HealthOptions) {
  const fast = () => healthOf(Object.fromEntries(Object.entries(checks).filter(([key]) => fastKeys.includes(key))));
  const named: Readonly<Record<string, HealthCheck>> = {
    basic: async () => ({ up: true }),
    fast,
    cached: remembered(fast, cachedMillis),
  };
  return async (ctx: Context, keys: string | undefined): Promise<void> => {
    if (keys === 'cached') checkCatalog(ctx, defaultCatalog);
    const check = keys !== undefined && Object.hasOwn(named, keys) ? named[keys] : undefined;
    const selected = keys === undefined ? checks : selectChecks(checks, keys.split(','));
    if (check === undefined && selected === undefined) return refuse(ctx);
    const health: Health = check === undefined ? await healthOf(selected ?? {}) : await check();
    ctx.status = health.up ? 200 : 503;
    ctx.body = health;
  };
}

function checkCatalog(ctx: Context, only: string): void {
  const catalog = new URLSearchParams(ctx.querystring).getAll('catalog').at(-1);
  if (catalog === undefined || catalog === only) return;
  throw new LazuliError('not_found', `Health is only cached for the default catalog, '${only}'.`, {
    remedy: 'Leave out the parameter `catalog`, or ask for /health/fast.',
  });
}

/** The only refusal without a code. */
function refuse(ctx: Context): void {
  ctx.status = 400;
  ctx.body = { Message: 'Invalid health keys' };
}
