import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { shownIssues } from '../../../core/config/issues.ts';
import { endpoint } from './asking.ts';
import { signInOptions } from './sign-in.ts';

/** Signatures whose key is public at the provider: none whose verifier could sign, and not `none`. */
const algorithms = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'],
  ...['EdDSA', 'Ed25519'],
] as const;

const text = z.string().min(1).max(256);
const texts = z.array(text).min(1).max(100);
/** `groups`, or the JSON pointer of one inside of another: `/realm_access/roles` */
const claim = text;

const common = {
  /** the claim that names the caller */
  subject: claim.default('sub'),
  /** what a token was found to be is remembered so long at most, so a revoked one works so much longer */
  rememberSeconds: z.int().min(0).max(3600).default(60),
  /** absent: callers have their tokens from elsewhere */
  signIn: signInOptions.optional(),
};

const providerOptions = z.strictObject({
  ...common,
  issuer: endpoint,
  /** of which one has to be in the claim `aud` */
  audience: z.union([text.transform((one) => [one]), texts]),
  /** the claim with names of groups */
  groups: claim.default('groups'),
  algorithms: z
    .array(z.enum(algorithms))
    .min(1)
    .default([...algorithms]),
  clockSkewSeconds: z.int().min(0).max(300).default(30),
  /** for opaque tokens (RFC 7662); absent: there are none */
  introspection: z
    .strictObject({
      clientId: text,
      secretFile: z.string().refine(isAbsolute, 'must be an absolute path'),
      /** absent: the one that the provider publishes */
      endpoint: endpoint.optional(),
      /** whose tokens are accepted that name no audience */
      clients: texts.default([]),
      /** whether JWTs are introspected, too */
      all: z.boolean().default(false),
    })
    .optional(),
});

const tokeninfoUrl = 'https://www.googleapis.com/oauth2/v3/tokeninfo';
const clientIds = /^\d{1,32}-[\w-]{1,128}\.apps\.googleusercontent\.com$/;
const projects = /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/;

const googleOptions = z.strictObject({
  ...common,
  google: z
    .strictObject({
      /** users of any OAuth client of the same Google project are accepted; absent: no users are */
      clientId: z.string().regex(clientIds, 'must end with .apps.googleusercontent.com').optional(),
      /** service accounts of this Google project are accepted; absent: none are */
      project: z.string().regex(projects, 'must be the id of a Google project').optional(),
      tokeninfo: endpoint.default(tokeninfoUrl),
    })
    .refine(({ clientId, project }) => clientId !== undefined || project !== undefined, {
      error: 'must have clientId, project, or both: else nobody is accepted',
    }),
});

/** An OpenID provider, whose tokens are JWTs or introspected. */
export type ProviderOptions = z.output<typeof providerOptions>;
/** Google, whose access tokens are opaque; an address of its own says what they are. */
export type GoogleOptions = z.output<typeof googleOptions>;

/** @throws LazuliError `configuration_invalid`, naming every member that is wrong */
export function parseOptions(options: unknown): ProviderOptions | GoogleOptions {
  const schema = Object.hasOwn(Object(options), 'google') ? googleOptions : providerOptions;
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  throw new LazuliError('configuration_invalid', `authentication: ${shownIssues(result.error)}`, {
    remedy:
      'Give it {"name": "oidc", "issuer": "https://…", "audience": "…"}, or {"name": "oidc", "google": {"clientId": "…"}} (docs/operating.md, Callers).',
  });
}
