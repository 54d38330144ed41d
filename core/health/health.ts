import { ask } from '../http/ask.ts';
import { systemClock } from '../runtime/clock.ts';
import { inTime } from '../runtime/deadline.ts';

/** State of one thing that a server depends on, as `/health` shows it (specification, service-api 4). */
export interface Health {
  readonly up: boolean;
  readonly error?: string;
  readonly [detail: string]: unknown;
}

/** Finds out a state. Rejecting, and no answer within five seconds, mean down; the reason is shown. */
export type HealthCheck = () => Promise<Health>;

/** Checks by the key under which `/health` shows their result. */
export type HealthChecks = Readonly<Record<string, HealthCheck>>;

const maxMillis = 5_000;

/** Health of several things: up when all are. */
export async function healthOf(checks: HealthChecks): Promise<Health> {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([key, check]) => [key, await settled(check)] as const),
  );
  return { ...Object.fromEntries(entries), up: entries.every(([, { up }]) => up) };
}

async function settled(check: HealthCheck): Promise<Health> {
  const late = () => new Error(`No answer within ${maxMillis} ms`);
  try {
    return await inTime({ clock: systemClock, millis: maxMillis, late }, check);
  } catch (error) {
    return { up: false, error: error instanceof Error ? error.message : String(error) };
  }
}

/** @returns undefined where there is no check for one of the keys */
export function selectChecks(checks: HealthChecks, keys: readonly string[]): HealthChecks | undefined {
  const selected = keys.flatMap((key) => {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    return check === undefined ? [] : [[key, check] as const];
  });
  return selected.length === keys.length ? Object.fromEntries(selected) : undefined;
}

/** The same check, made again only when its last result is older than `millis`; for frequent monitoring. */
export function remembered(
  check: HealthCheck,
  millis: number,
  now: () => number = () => performance.now(),
): HealthCheck {
  let last: { readonly at: number; readonly result: Promise<Health> } | undefined;
  return () => {
    if (last === undefined || now() - last.at > millis) last = { at: now(), result: check() };
    return last.result;
  };
}

/** Whether the search service answers a small request on entities of some type; another one each time. */
export function apiCheck(service: () => string, entityTypes: readonly string[]): HealthCheck {
  const anyType = () => entityTypes[Math.floor(Math.random() * entityTypes.length)];
  return urlCheck('', () => `${service()}/index/${anyType()}?size=1`, 'HEAD');
}

/**
 * Whether a URL answers with success, such as `/health/basic` of another worker.
 *
 * @param name of the one thing asked, where the check is about several; else empty
 */
export function urlCheck(name: string, url: () => string, method = 'GET'): HealthCheck {
  return async () => {
    const state = await ask(url(), method).then(
      () => ({ up: true }),
      (error: Error) => ({ up: false, error: error.message }),
    );
    return name === '' ? state : { up: state.up, [name]: state };
  };
}
