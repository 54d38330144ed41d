import type { z } from 'zod';

/** Less than a health check has as a whole, so that it is this reason that is told. */
const askMillis = 4_000;

/** What another process says of itself. @throws Error when it doesn't answer as expected */
export async function getJson<T extends z.ZodType>(url: string, schema: T): Promise<z.output<T>> {
  const response = await ask(url, 'GET');
  return schema.parse(await response.json());
}

/** @throws Error that says why, unless the answer is success */
export async function ask(url: string, method: string): Promise<Response> {
  const signal = AbortSignal.timeout(askMillis);
  const response = await fetch(url, { method, signal }).catch((cause: unknown) => {
    throw new Error(`${withoutCredentials(url)} does not answer`, { cause });
  });
  if (!response.ok) throw new Error(`${withoutCredentials(url)} answered ${response.status}`);
  return response;
}

function withoutCredentials(url: string): string {
  return url.replace(/^(\w+:\/\/)[^/@]*@/, '$1');
}
