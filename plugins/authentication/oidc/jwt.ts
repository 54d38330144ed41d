import { decodeProtectedHeader, errors, type JWTVerifyGetKey, type JWTVerifyResult, jwtVerify } from 'jose';
import { type Accepted, type CheckToken, groupsOf, invalid, subjectOf } from './accepted.ts';
import type { ProviderOptions } from './options.ts';

/** What says of itself that it is for something else is no access token: signing out, proving a key, … (RFC 9068, 2.1) */
const types = new Set(['jwt', 'at+jwt', 'application/at+jwt']);
/** How Keycloak and Cognito call their access tokens, apart from ID tokens, in the claims `typ` and `token_use`. */
const uses = new Set(['bearer', 'access']);

/** Whether a token says itself what it is. */
export function isJwt(token: string): boolean {
  if (token.split('.').length !== 3) return false;
  try {
    return decodeProtectedHeader(token) !== null;
  } catch {
    return false;
  }
}

/** Checks access tokens that are JWTs (RFC 9068, 4). @param keys of the provider */
export function jwtCheck(options: ProviderOptions, keys: JWTVerifyGetKey, now: () => number): CheckToken {
  const { issuer, audience, algorithms, clockSkewSeconds, subject, groups } = options;
  return async (token): Promise<Accepted> => {
    const verified = await jwtVerify(token, keys, {
      ...{ issuer, audience, algorithms, clockTolerance: clockSkewSeconds },
      requiredClaims: ['exp'],
      currentDate: new Date(now()),
    }).catch(refused);
    expectAccessToken(verified);
    const { payload } = verified;
    const expires = (Number(payload.exp) + clockSkewSeconds) * 1000;
    return { subject: subjectOf(payload, subject), groups: groupsOf(payload, groups), expires };
  };
}

function expectAccessToken({ protectedHeader: { typ = 'JWT' }, payload }: JWTVerifyResult): void {
  if (!types.has(typ.toLowerCase())) throw invalid('it is a JWT for something else');
  for (const use of [payload.typ, payload.token_use])
    if (use !== undefined && !uses.has(String(use).toLowerCase())) throw invalid('it is a token for something else');
  // Whoever presents it would have to prove that a key is theirs (RFC 7800), which a bearer doesn't.
  if (payload.cnf !== undefined) throw invalid('it is bound to a key');
}

/** What the library finds wrong is the caller's fault; what the provider doesn't answer is not. */
function refused(error: unknown): never {
  if (error instanceof errors.JWTExpired) throw invalid('it has expired', 'Sign in again: the token has expired.');
  if (error instanceof errors.JOSEError) throw invalid(error.code);
  throw error;
}
