import { createHmac, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { LazuliError } from '../config/errors.ts';
import type { SignIn } from '../config/sign-in.ts';

/** Who calls. Anonymous callers, without a subject, see public sources only. */
export interface Identity {
  readonly subject: string | null;
  /** of which the provider says that the caller is a member; absent: of none */
  readonly groups?: readonly string[];
  /** for repositories that tell only the caller what that one may see; absent: it is of no use to them */
  readonly credential?: Credential;
  /** milliseconds since the epoch, after which the credential is good no more; absent: nobody knows */
  readonly expires?: number;
}

/** By which fingerprints are made: they mean nothing outside of this process. */
const fingerprinting = randomBytes(32);
const shown = '[credential]';

/**
 * A bearer token of a caller, for a repository that has to be asked in the caller's own name. It can't be printed,
 * serialized or copied, so that no log, error, job or dead letter has it.
 */
export class Credential {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  /** The value of an Authorization header. Call this where the request is made, and nowhere else. */
  authorization(): string {
    return `Bearer ${this.#token}`;
  }

  /** 43 characters by which this process tells credentials apart, as a key of caches. The token doesn't follow from it. */
  get fingerprint(): string {
    return createHmac('sha256', fingerprinting).update(this.#token).digest('base64url');
  }

  toJSON(): string {
    return shown;
  }

  toString(): string {
    return shown;
  }

  [inspect.custom](): string {
    return shown;
  }
}

/** The contract of an authentication plug-in, opened once for a deployment. */
export interface Authentication {
  /**
   * Finds out who calls. A wrong credential never makes an anonymous caller.
   *
   * @param authorization the header of that name; undefined where the request has none
   * @param signal aborts when this caller doesn't wait any more: reject with its reason
   * @throws LazuliError `unauthorized` for a credential that is malformed or not valid, `unavailable`
   *   where that can't be found out at the moment
   */
  identify(authorization: string | undefined, signal: AbortSignal): Promise<Identity>;
  /**
   * How people sign in. Absent: callers have their tokens from elsewhere. Asked with each request for documentation, so
   * whoever asks a provider remembers what it answered, in the very same object.
   *
   * @param signal aborts when nobody waits any more
   * @throws LazuliError `unavailable` where that can't be found out at the moment
   */
  signIn?(signal: AbortSignal): Promise<SignIn>;
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
