import type { QueryDeps } from '../deps.ts';
import { type Health, type HealthCheck, healthOf } from '../health.ts';
import type { Context } from '../http/state.ts';

/** Checks that monitoring may run every minute. */
const fastKeys = ['elasticsearch', 'api_endpoints'];

/** `GET /health`, `/health/basic`, `/health/fast`, `/health/{keys}` (specification, service-api 4) */
export function healthRoute({ checks }: QueryDeps) {
  return async (ctx: Context, keys: string | undefined): Promise<void> => {
    if (keys === 'basic') {
      ctx.body = { up: true };
      return;
    }
    const selected = selectChecks(checks, keys);
    if (selected === undefined) {
      ctx.status = 400;
      ctx.body = { Message: 'Invalid health keys' };
      return;
    }
    answer(ctx, await healthOf(selected));
  };
}

function selectChecks(checks: QueryDeps['checks'], keys: string | undefined): Record<string, HealthCheck> | undefined {
  if (keys === undefined) return { ...checks };
  const wanted = keys === 'fast' ? fastKeys.filter((key) => Object.hasOwn(checks, key)) : keys.split(',');
  const selected = wanted.flatMap((key) => {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    return check === undefined ? [] : [[key, check] as const];
  });
  return selected.length === wanted.length ? Object.fromEntries(selected) : undefined;
}

function answer(ctx: Context, health: Health): void {
  ctx.status = health.up ? 200 : 503;
  ctx.body = health;
}
