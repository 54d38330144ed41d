import { METHODS } from 'node:http';
import { finished } from 'node:stream/promises';
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { Context, Next } from './state.ts';

/** Seconds */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20];
const methods: ReadonlySet<string> = new Set(METHODS);

/**
 * Counts and times requests by method, route and status, until the answer is sent. Routes stand with the names
 * of their parameters, not the values, so that callers can't make up labels.
 */
export function requestMetrics(registry: Registry) {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'lazuli_http_request_duration_seconds',
    help: 'Requests by method, route and status, and how long they took',
    labelNames: ['method', 'route', 'status'] as const,
    buckets,
    registers,
  });
  const inFlight = new Gauge({
    name: 'lazuli_http_requests_in_flight',
    help: 'Requests that are being answered',
    registers,
  });
  return async (ctx: Context, next: Next): Promise<void> => {
    const start = performance.now();
    inFlight.inc();
    finished(ctx.res)
      .catch(() => undefined)
      .finally(() => {
        inFlight.dec();
        seconds.observe(
          { method: methods.has(ctx.method) ? ctx.method : 'other', route: routeOf(ctx), status: ctx.status },
          (performance.now() - start) / 1000,
        );
      });
    await next();
  };
}

/** What the router leaves in the context. */
function routeOf(ctx: Context): string {
  const { _matchedRoute: route } = ctx as { _matchedRoute?: unknown };
  return typeof route === 'string' ? route : 'none';
}
