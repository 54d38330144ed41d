import { z } from 'zod';
import { jsonOrNothing } from '../../core/config/text.ts';
import { SmokeFailure } from './failure.ts';

/** Of one answer, its body included. */
const answerMillis = 20_000;

const health = z.object({ up: z.literal(true) });
const version = z.object({ git: z.object({ commit: z.string() }) });
const catalogs = z.object({
  default_catalog: z.string(),
  catalogs: z.record(
    z.string(),
    z.object({ plugins: z.object({ metadata: z.object({ indices: z.record(z.string(), z.unknown()) }) }) }),
  ),
});
const found = z.object({
  hits: z.array(z.unknown()),
  pagination: z.object({ total: z.int() }),
  termFacets: z.record(z.string(), z.unknown()),
});

/** @throws SmokeFailure unless it is up by what it says itself */
export async function checkHealth(url: string): Promise<void> {
  await get(health, `${url}/health/basic`);
}

/** @throws SmokeFailure unless the code of this commit answers */
export async function checkVersion(url: string, commit: string): Promise<void> {
  const { git } = await get(version, `${url}/version`);
  if (git.commit === commit) return;
  throw new SmokeFailure(
    `${url}/version: the commit ${git.commit} answers, and the image is of ${commit}`,
    'See whether an older task still runs, or another image than that of the stack.',
  );
}

/**
 * Searches the default catalog for entities of its first type.
 *
 * @returns what was asked for, and how many there are
 * @throws SmokeFailure
 */
export async function checkSearch(url: string): Promise<string> {
  const { default_catalog: catalog, catalogs: all } = await get(catalogs, `${url}/index/catalogs`);
  const [type] = Object.keys(all[catalog]?.plugins.metadata.indices ?? {});
  if (type === undefined) throw new SmokeFailure(`${url}/index/catalogs: '${catalog}' has no index`, seeLog);
  const path = `/index/${encodeURIComponent(type)}?${new URLSearchParams({ catalog, size: '1' })}`;
  const { hits, pagination } = await get(found, url + path);
  if (hits.length !== Math.min(1, pagination.total))
    throw new SmokeFailure(`${url}${path}: ${hits.length} hits of ${pagination.total} are shown`, seeLog);
  return `${path} finds ${pagination.total}`;
}

export const seeLog = 'The log of the tasks says why; docs/deploying.md tells where it is.';

/** How something is asked for. */
export interface Way {
  /** default: GET */
  readonly method?: 'PUT';
  /** in the place of a URL that nobody may see */
  readonly as?: string;
}

/** @throws SmokeFailure where the answer is no success, or another one than expected */
export async function get<T extends z.ZodType>(schema: T, url: string, way: Way = {}): Promise<z.output<T>> {
  const { as = url } = way;
  const { status, text } = await fetched(url, way);
  const shown = text.slice(0, 300);
  if (status !== 200) throw new SmokeFailure(`${as}: status ${status}: ${shown}`, seeLog);
  const parsed = schema.safeParse(jsonOrNothing(text));
  if (parsed.success) return parsed.data;
  throw new SmokeFailure(`${as}: the answer is none of Lazuli: ${shown}`, 'See whether the name leads elsewhere.');
}

/** @throws SmokeFailure where there is no answer */
export async function fetched(
  url: string,
  { method, as = url }: Way = {},
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const how = method === undefined ? {} : { method };
    const response = await fetch(url, { ...how, redirect: 'manual', signal: AbortSignal.timeout(answerMillis) });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const { cause, message } = error as Error;
    throw new SmokeFailure(`${as}: no answer: ${cause instanceof Error ? cause.message : message}`, seeLog);
  }
}
