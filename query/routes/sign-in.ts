import { z } from 'zod';
import type { SignIn } from '../../core/config/sign-in.ts';
import { baseUrl } from '../../core/http/base-url.ts';
import { type Operation, operation } from '../../core/http/operation.ts';
import type { QueryDeps } from '../deps.ts';

/** Where programs learn how people sign in (RFC 9728, 3). */
export const resourcePath = '/.well-known/oauth-protected-resource';

const texts = z.array(z.string());

/** What they learn there; `lazuli_command_line` is ours. */
export const resourceMetadata = z.object({
  resource: z.url(),
  authorization_servers: z.array(z.url()).min(1),
  scopes_supported: texts,
  bearer_methods_supported: texts,
  lazuli_command_line: z
    .object({ client_id: z.string(), scopes: texts, parameters: z.record(z.string(), z.string()) })
    .optional(),
});

/** `/.well-known/oauth-protected-resource`, where people can sign in. */
export function signInOperations({ signIn }: Pick<QueryDeps, 'signIn'>): readonly Operation[] {
  if (signIn === undefined) return [];
  const resource = operation({
    ...{ method: 'get', path: resourcePath, id: 'getProtectedResource', tag: 'Auxiliary', refusals: ['unavailable'] },
    summary: 'How people sign in, for programs',
    answer: { description: 'Metadata of a protected resource (RFC 9728).', schema: resourceMetadata },
    handle: async (ctx) => metadataOf(baseUrl(ctx), await signIn()),
  });
  return [resource];
}

const metadataOf = (resource: string, { issuer, scopes, parameters, commandLine }: SignIn) => ({
  resource,
  authorization_servers: [issuer],
  scopes_supported: [...scopes],
  bearer_methods_supported: ['header'],
  ...(commandLine === null
    ? {}
    : { lazuli_command_line: { client_id: commandLine, scopes: [...scopes], parameters: { ...parameters } } }),
});
