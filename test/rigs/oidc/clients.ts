import type { ClientMetadata } from 'oidc-provider';
import type { SigningAlgorithm } from './keys.ts';

/** Programs that a provider knows. */
export const clients = {
  /** a page: no secret, authorization code with PKCE */
  page: 'lazuli-page',
  /** the command line: no secret, device flow or authorization code with PKCE on a loopback address */
  commandLine: 'lazuli-command-line',
  /** the service, which may introspect all tokens */
  service: { id: 'lazuli-service', secret: 'service-secret-of-tests' },
} as const;

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** @param redirects where the page may come back to */
export function clientsOf(redirects: readonly string[], algorithm: SigningAlgorithm): ClientMetadata[] {
  const id_token_signed_response_alg = algorithm;
  return [
    {
      client_id: clients.page,
      redirect_uris: [...redirects],
      grant_types: ['authorization_code'],
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg,
    },
    {
      client_id: clients.commandLine,
      application_type: 'native',
      redirect_uris: ['http://127.0.0.1/'],
      grant_types: [deviceGrant, 'authorization_code', 'refresh_token'],
      token_endpoint_auth_method: 'none',
      id_token_signed_response_alg,
    },
    {
      client_id: clients.service.id,
      client_secret: clients.service.secret,
      redirect_uris: [],
      response_types: [],
      grant_types: ['client_credentials'],
      id_token_signed_response_alg,
    },
  ];
}
