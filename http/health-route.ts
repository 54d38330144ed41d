import { type Health, type HealthCheck, type HealthChecks, healthOf, remembered, selectChecks } from './health.ts';
import type { Context } from './state.ts';

const cachedMillis = 60_000;

/** `GET /health/basic`: whoever can answer is up. */
export function basicHealth(ctx: Context): void {
  ctx.body = { up: true };
}

/**
 * `GET /health` and `/health/{basic,fast,cached,<keys>}` (specification, service-api 4).
 *
 * @param fastKeys checks that monitoring may run every minute; default: all
 */
export function healthRoute(checks: HealthChecks, fastKeys: readonly string[] = Object.keys(checks)) {
  const fast = () => healthOf(Object.fromEntries(Object.entries(checks).filter(([key]) => fastKeys.includes(key))));
  const named: Readonly<Record<string, HealthCheck>> = {
    basic: async () => ({ up: true }),
    fast,
    cached: remembered(fast, cachedMillis),
  };
  return async (ctx: Context, keys: string | undefined): Promise<void> => {
    const check = keys !== undefined && Object.hasOwn(named, keys) ? named[keys] : undefined;
    const selected = keys === undefined ? checks : selectChecks(checks, keys.split(','));
    if (check === undefined && selected === undefined) return refuse(ctx);
    const health: Health = check === undefined ? await healthOf(selected ?? {}) : await check();
    ctx.status = health.up ? 200 : 503;
    ctx.body = health;
  };
}

/** The only refusal without a code. */
function refuse(ctx: Context): void {
  ctx.status = 400;
  ctx.body = { Message: 'Invalid health keys' };
}
