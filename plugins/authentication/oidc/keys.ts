import { createLocalJWKSet, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { askProvider, unavailable } from './asking.ts';
import { Kept } from './kept.ts';
import type { ProviderMetadata } from './provider.ts';

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

/** A key that the provider has withdrawn is accepted so much longer. */
const keptMillis = 10 * 60 * 1000;
/** For keys that are unknown the provider is asked so often in a minute: anybody can make up their names. */
const askedAMinute = 6;

/** The keys of a provider, by which its tokens are signed. A new one is found when a token first names it. */
export function keysOf(provider: Kept<ProviderMetadata>, now: () => number): JWTVerifyGetKey {
  const kept = new Kept(() => loaded(provider), keptMillis, now);
  const mayAsk = budget(askedAMinute, now);
  return async (header, token) => {
    const known = await kept.get();
    try {
      return await known(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey) || !mayAsk()) throw error;
      return await (await kept.renew())(header, token);
    }
  };
}

async function loaded(provider: Kept<ProviderMetadata>): Promise<JWTVerifyGetKey> {
  const url = new URL((await provider.get()).jwks_uri);
  const { status, json } = await askProvider(url);
  const found = keySet.safeParse(json);
  if (status !== 200 || !found.success) throw unavailable(url, `it answers ${status}, and no keys`);
  return createLocalJWKSet(found.data);
}

/** Whether something may be done that may be done so often in a minute. */
function budget(most: number, now: () => number): () => boolean {
  let times: number[] = [];
  return () => {
    const at = now();
    times = times.filter((time) => Math.abs(at - time) < 60_000);
    if (times.length >= most) return false;
    times.push(at);
    return true;
  };
}
