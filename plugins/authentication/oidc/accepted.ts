import { LazuliError } from '../../../core/config/errors.ts';

/** What a valid token says. */
export interface Accepted {
  readonly subject: string;
  readonly groups: readonly string[];
  /** milliseconds since the epoch, from when on it isn't accepted; absent: the provider doesn't say */
  readonly expires?: number;
}

/** Finds out about a token. @throws LazuliError `unauthorized`, `unavailable`, `too_many_requests`, `overloaded` */
export type CheckToken = (token: string) => Promise<Accepted>;

/** What a token says of its bearer, by the names of claims. */
export type Claims = Readonly<Record<string, unknown>>;

/** What is longer decides nothing here: it is refused, not cut. */
const maxLength = 256;
const maxGroups = 1_000;

/** @param why for the log; never a part of the token */
export function invalid(why: string, remedy = 'Sign in again, or leave out the Authorization header.'): LazuliError {
  return new LazuliError('unauthorized', 'Invalid credentials.', { remedy, cause: new Error(why) });
}

/**
 * Who the bearer is.
 *
 * @param name of the claim
 * @throws LazuliError `unauthorized` where there is none that can be held whole, or an e-mail address isn't verified
 */
export function subjectOf(claims: Claims, name: string): string {
  const subject = claimAt(claims, name);
  if (typeof subject !== 'string' || subject === '' || subject.length > maxLength)
    throw invalid(`the claim ${name} is no text of 1 to ${maxLength} characters`);
  if (name === 'email' && !isTrue(claims.email_verified)) throw invalid('the e-mail address is not verified');
  return subject;
}

/** @throws LazuliError `unauthorized` where they can't be held whole */
export function groupsOf(claims: Claims, name: string): readonly string[] {
  const value = claimAt(claims, name) ?? [];
  const groups = typeof value === 'string' ? [value] : value;
  const isGroup = (group: unknown) => typeof group === 'string' && group.length <= maxLength;
  if (Array.isArray(groups) && groups.length <= maxGroups && groups.every(isGroup)) return groups;
  throw invalid(`the claim ${name} is no list of at most ${maxGroups} texts of ${maxLength} characters`);
}

/** Some providers write all values as texts. */
export const isTrue = (value: unknown): boolean => value === true || value === 'true';

/** @param name of a claim; or a JSON pointer, which begins with a slash (RFC 6901) */
function claimAt(claims: Claims, name: string): unknown {
  const steps = name.startsWith('/') ? name.slice(1).split('/').map(unescaped) : [name];
  let found: unknown = claims;
  for (const step of steps) found = Object.hasOwn(Object(found), step) ? Object(found)[step] : undefined;
  return found;
}

const unescaped = (step: string): string => step.replaceAll('~1', '/').replaceAll('~0', '~');
