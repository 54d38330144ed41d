import type { QueryDeps } from '../deps.ts';
import { type Health, type HealthCheck, healthOf, remembered } from '../health.ts';
import type { Context } from '../http/state.ts';

/** Checks that monitoring may run every minute. */
const fastKeys = ['elasticsearch', 'api_endpoints'];
const cachedMillis = 60_000;

/** `GET /health` and `/health/{basic,fast,cached,<keys>}` (specification, service-api 4) */
export function healthRoute({ checks }: QueryDeps) {
  const fast = () => healthOf(Object.fromEntries(Object.entries(checks).filter(([key]) => fastKeys.includes(key))));
  const named: Readonly<Record<string, HealthCheck>> = {
    basic: async () => ({ up: true }),
    fast,
    cached: remembered(fast, cachedMillis),
  };
  return async (ctx: Context, keys: string | undefined): Promise<void> => {
    const check = keys !== undefined && Object.hasOwn(named, keys) ? named[keys] : undefined;
    const selected = selectChecks(checks, keys);
    if (check === undefined && selected === undefined) return refuse(ctx);
    const health: Health = check === undefined ? await healthOf(selected ?? {}) : await check();
    ctx.status = health.up ? 200 : 503;
    ctx.body = health;
  };
}

/** @returns undefined for keys that there aren't */
function selectChecks(checks: QueryDeps['checks'], keys: string | undefined): Record<string, HealthCheck> | undefined {
  if (keys === undefined) return { ...checks };
  const wanted = keys.split(',');
  const selected = wanted.flatMap((key) => {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    return check === undefined ? [] : [[key, check] as const];
  });
  return selected.length === wanted.length ? Object.fromEntries(selected) : undefined;
}

/** The only refusal without a code. */
function refuse(ctx: Context): void {
  ctx.status = 400;
  ctx.body = { Message: 'Invalid health keys' };
}
