import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { jsonOrNothing } from '../../core/config/text.ts';
import { fetched, get, seeLog } from './answers.ts';
import { SmokeFailure } from './failure.ts';

const catalogs = z.object({ default_catalog: z.string() });
const refusal = z.object({ Message: z.string() });
const later = z.object({ Status: z.literal(301), Location: z.url(), 'Retry-After': z.number().min(0).max(60) });
const ready = z.object({ Status: z.literal(302), Location: z.url() });
const standing = z.discriminatedUnion('Status', [later, ready]);

/** There are no such documents for who asks without a token, so nothing is read and little is made. */
const filters = JSON.stringify({ accessible: { is: [false] } });

/**
 * Has a manifest of the default catalog made, and downloads it: by service, table, export worker and bucket.
 *
 * @param end milliseconds since the epoch, until when it may be made
 * @returns what was made
 * @throws SmokeFailure
 */
export async function checkExports(url: string, end: number): Promise<string> {
  const { default_catalog: catalog } = await get(catalogs, `${url}/index/catalogs`);
  const path = `/fetch/manifest/files?${new URLSearchParams({ catalog, filters })}`;
  const as = url + path;
  const asked = await fetched(as, { method: 'PUT' });
  if (asked.status === 400 && hasNone(asked.text)) return `${catalog} has no manifests`;
  let state = await get(standing, as, { method: 'PUT' });
  while (state.Status === 301) {
    const millis = state['Retry-After'] * 1000;
    if (Date.now() + millis > end) throw notMade(as);
    await sleep(millis);
    // Locations have tokens and signatures.
    state = await get(standing, state.Location, { as });
  }
  const { status } = await fetched(state.Location, { as });
  if (status === 200) return `${path} is made, and can be downloaded`;
  throw new SmokeFailure(
    `${as}: status ${status} where the file is`,
    'See whether tasks of query may read results of exports in the bucket of staged batches.',
  );
}

const hasNone = (text: string): boolean =>
  /has no manifests/.test(refusal.safeParse(jsonOrNothing(text)).data?.Message ?? '');

const notMade = (url: string): SmokeFailure =>
  new SmokeFailure(`${url}: it is not made in time`, `See whether tasks of export run. ${seeLog}`);
