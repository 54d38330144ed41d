import { LazuliError } from '../config/errors.ts';

/** One part of the answer of `/health` (specification, service API 4). */
export interface HealthReport {
  readonly up: boolean;
  readonly [detail: string]: unknown;
}

/** Rejecting means down; the reason is shown. Each is given five seconds. */
export type HealthChecks = Readonly<Record<string, () => Promise<HealthReport>>>;

const maxMillis = 5_000;

/**
 * Runs checks: all of them, or the comma-separated ones.
 *
 * @throws LazuliError `bad_request` for a key that there is no check for
 */
export async function checkHealth(checks: HealthChecks, keys: string | 'all'): Promise<HealthReport> {
  const chosen = keys === 'all' ? Object.keys(checks) : keys.split(',');
  if (chosen.some((key) => !Object.hasOwn(checks, key))) throw new LazuliError('bad_request', 'Invalid health keys');
  const reports = await Promise.all(chosen.map(async (key) => [key, await run(checks[key])] as const));
  return { ...Object.fromEntries(reports), up: reports.every(([, { up }]) => up) };
}

async function run(check: HealthChecks[string] | undefined): Promise<HealthReport> {
  const late = Promise.withResolvers<HealthReport>();
  const timer = setTimeout(() => late.resolve({ up: false, error: `No answer within ${maxMillis} ms` }), maxMillis);
  try {
    return (await Promise.race([check?.(), late.promise])) ?? { up: false };
  } catch (error) {
    return { up: false, error: String(error) };
  } finally {
    clearTimeout(timer);
  }
}
