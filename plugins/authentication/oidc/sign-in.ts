import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import type { PageSignIn, SignIn } from '../../../core/config/sign-in.ts';
import { endpoint } from './asking.ts';

const text = z.string().min(1).max(1024);

/** Option `signIn` of the plug-in: how people get their tokens. Absent: from elsewhere. Nothing in it is secret. */
export const signInOptions = z.strictObject({
  /** what to ask the provider for */
  scopes: z
    .array(text.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be one scope'))
    .min(1)
    .max(64)
    .default(['openid', 'email']),
  /** what further a request for authorization has, such as `audience` */
  parameters: z.record(z.string(), text).default({}),
  /** the API page as a client: one without a secret, which may come back to `/oauth2_redirect` of the service */
  page: z
    .strictObject({
      clientId: text,
      /** absent: `code`, with PKCE, wherever the provider knows it */
      flow: z.enum(['code', 'implicit']).optional(),
    })
    .optional(),
  /** the command line as a client: one without a secret, for devices or loopback addresses */
  commandLine: z.strictObject({ clientId: text }).optional(),
});

export type SignInOptions = z.output<typeof signInOptions>;

/** What the metadata of a provider says of signing in (RFC 8414, 2). */
export const signInMetadata = z.object({
  authorization_endpoint: endpoint.optional(),
  token_endpoint: endpoint.optional(),
  code_challenge_methods_supported: z.array(z.string()).optional(),
});

type Metadata = z.output<typeof signInMetadata>;

/** Google, whose token endpoint wants a secret from pages, too: only the implicit flow does without. */
export const googleSignIn: { readonly issuer: string; readonly metadata: Metadata } = {
  issuer: 'https://accounts.google.com',
  metadata: { authorization_endpoint: 'https://accounts.google.com/o/oauth2/auth' },
};

/** The same with a provider that tells by its metadata; anew whenever that is another object. */
export function signInAt(
  issuer: string,
  metadata: () => Promise<object>,
  options: SignInOptions,
): () => Promise<SignIn> {
  let last: { readonly of: object; readonly signIn: SignIn } | undefined;
  return async () => {
    const of = await metadata();
    if (last?.of !== of) last = { of, signIn: signInOf(issuer, signInMetadata.parse(of), options) };
    return last.signIn;
  };
}

/**
 * How people sign in with a provider.
 *
 * @throws LazuliError `configuration_invalid` where the provider lacks what the options want
 */
export function signInOf(issuer: string, metadata: Metadata, options: SignInOptions): SignIn {
  const { scopes, parameters, page, commandLine } = options;
  return {
    issuer,
    scopes,
    parameters,
    page: page === undefined ? null : pageSignIn(issuer, metadata, page),
    commandLine: commandLine?.clientId ?? null,
  };
}

function pageSignIn(
  issuer: string,
  metadata: Metadata,
  { clientId, flow }: NonNullable<SignInOptions['page']>,
): PageSignIn {
  const { authorization_endpoint: authorizationUrl, token_endpoint: tokenUrl } = metadata;
  if (authorizationUrl === undefined) throw lacking(issuer, 'authorization_endpoint');
  const knowsPkce = metadata.code_challenge_methods_supported?.includes('S256') === true;
  if ((flow ?? (knowsPkce ? 'code' : 'implicit')) === 'implicit') return { clientId, authorizationUrl, tokenUrl: null };
  if (tokenUrl === undefined) throw lacking(issuer, 'token_endpoint');
  return { clientId, authorizationUrl, tokenUrl };
}

const lacking = (issuer: string, member: string): LazuliError =>
  new LazuliError('configuration_invalid', `authentication.signIn.page: The metadata of ${issuer} has no ${member}.`, {
    remedy: 'Leave `page` out, or name a provider where people can sign in with a browser.',
  });
