import { LazuliError } from '../config/errors.ts';

/** Who calls. Anonymous callers, without a subject, see public sources only. */
export interface Identity {
  readonly subject: string | null;
}

/** The contract of an authentication plug-in, opened once for a deployment. */
export interface Authentication {
  /**
   * Finds out who calls. A wrong credential never makes an anonymous caller.
   *
   * @param authorization the header of that name; undefined where the request has none
   * @throws LazuliError `unauthorized` for a credential that is malformed or not valid, `unavailable`
   *   where that can't be found out at the moment
   */
  identify(authorization: string | undefined): Promise<Identity>;
}

export interface AuthenticationPlugin {
  readonly name: string;
  /**
   * @param options the plug-in's part of the configuration, without `name`
   * @throws LazuliError `configuration_invalid`
   */
  open(options: unknown): Promise<Authentication>;
}

const bearer = /^bearer\s+([^\s]{1,8192})$/i;

/**
 * The token of an Authorization header (specification, service-api 1.5; RFC 6750, 2.1).
 *
 * @throws LazuliError `unauthorized`, whose message holds nothing of the header
 */
export function bearerToken(authorization: string): string {
  const [, token] = bearer.exec(authorization.trim()) ?? [];
  if (token !== undefined) return token;
  throw new LazuliError('unauthorized', 'The Authorization header is malformed.', {
    remedy: 'Send `Authorization: Bearer <token>`, or leave the header out to call anonymously.',
  });
}
