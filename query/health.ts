import type { z } from 'zod';
import type { SearchEngine } from './opensearch.ts';

/** State of one thing that the service depends on. Never throws: a failure is `up: false` with `error`. */
export type HealthCheck = () => Promise<Health>;

export interface Health {
  readonly up: boolean;
  readonly error?: string;
  readonly [detail: string]: unknown;
}

/** Health of several things: up when all are. */
export async function healthOf(checks: Readonly<Record<string, HealthCheck>>): Promise<Health> {
  const entries = await Promise.all(
    Object.entries(checks).map(async ([key, check]) => [key, await settled(check)] as const),
  );
  return { ...Object.fromEntries(entries), up: entries.every(([, { up }]) => up) };
}

async function settled(check: HealthCheck): Promise<Health> {
  try {
    return await check();
  } catch (error) {
    return { up: false, error: (error as Error).message };
  }
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

/** Whether the search engine answers. */
export function engineCheck(engine: SearchEngine): HealthCheck {
  return async () => {
    await engine.ping();
    return { up: true };
  };
}

const fetchMillis = 5_000;

/** Whether a URL answers with success, such as `/health/basic` of another worker. */
export function urlCheck(name: string, url: () => string, method = 'GET'): HealthCheck {
  return async () => {
    const state = await ask(url(), method).then(
      () => ({ up: true }),
      (error: Error) => ({ up: false, error: error.message }),
    );
    return name === '' ? state : { up: state.up, [name]: state };
  };
}

/** What another worker says of itself. Throws when it doesn't answer as expected. */
export async function getJson<T extends z.ZodType>(url: string, schema: T): Promise<z.output<T>> {
  const response = await ask(url, 'GET');
  return schema.parse(await response.json());
}

async function ask(url: string, method: string): Promise<Response> {
  const signal = AbortSignal.timeout(fetchMillis);
  const response = await fetch(url, { method, signal }).catch((cause: unknown) => {
    throw new Error(`${url} does not answer`, { cause });
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}
