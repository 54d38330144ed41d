import { z } from 'zod';
import { askProvider, endpoint, unavailable } from './asking.ts';
import { Kept } from './kept.ts';

/** What a provider publishes of itself (OpenID Connect Discovery 1.0, 3). */
const metadata = z.looseObject({
  issuer: z.string(),
  jwks_uri: endpoint,
  introspection_endpoint: endpoint.optional(),
});
export type ProviderMetadata = z.output<typeof metadata>;

const hour = 60 * 60 * 1000;

/** The metadata of a provider, asked for once an hour. */
export function providerMetadata(issuer: string, now: () => number): Kept<ProviderMetadata> {
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
  const load = async (): Promise<ProviderMetadata> => {
    const { status, json } = await askProvider(url);
    const found = metadata.safeParse(json);
    if (status !== 200 || !found.success) throw unavailable(url, `it answers ${status}, and no discovery document`);
    // Else tokens of another issuer would pass for those of this one (OpenID Connect Discovery 1.0, 4.3).
    if (found.data.issuer !== issuer) throw unavailable(url, `its issuer is ${found.data.issuer.slice(0, 200)}`);
    return found.data;
  };
  return new Kept(load, hour, now);
}
