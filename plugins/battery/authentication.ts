import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { LazuliError } from '../../core/config/errors.ts';
import type { Authentication } from '../../core/model/authentication.ts';
import { type Finding, outcomeOf, told } from './finding.ts';

/** Authorization headers that an authentication plug-in is tried with. */
export interface Credentials {
  /** by the subject that each stands for; none where nobody but anonymous callers is known */
  readonly valid: Readonly<Record<string, string>>;
  /** that were valid once */
  readonly expired: readonly string[];
  /** well-formed, of another issuer */
  readonly foreign: readonly string[];
}

const malformed = [
  ...[
    '',
    ' ',
    'Bearer',
    'Bearer ',
    'Basic YW5uOmFubg==',
    'Bearer a b',
    'Token a',
    'bearer\u00a0a',
    'null',
    'undefined',
  ],
  `Bearer ${'x'.repeat(9_000)}`,
];
const patient = new AbortController().signal;
const tokenOf = (header: string): string => /^bearer\s+(\S+)$/i.exec(header)?.[1] ?? '';
const remedy = 'Throw a LazuliError `unauthorized` that says nothing of the credential.';

/** What is wrong with an authentication plug-in: nothing but a valid credential makes a caller, and only none an anonymous one. */
export async function* authenticationFindings(
  authentication: Authentication,
  { valid, expired, foreign }: Credentials,
): AsyncGenerator<Finding> {
  const nobody = await outcomeOf(() => authentication.identify(undefined, patient));
  if (!('value' in nobody) || nobody.value.subject !== null)
    yield { where: 'no credential', what: 'is no anonymous caller', remedy: 'Give {subject: null} without a header.' };
  for (const [subject, header] of Object.entries(valid))
    for (const where of ['a valid credential', 'a valid credential, again'])
      yield* validFindings(authentication, where, subject, header);
  const nearly = Object.values(valid).flatMap((header) => [`${header}x`, header.slice(0, -1)]);
  const unknown = [...foreign, ...nearly, `Bearer ${randomBytes(24).toString('base64url')}`];
  for (const header of malformed) yield* refusedFindings(authentication, 'a malformed credential', header);
  for (const header of unknown) yield* refusedFindings(authentication, 'a credential of somebody else', header);
  for (const header of expired) yield* refusedFindings(authentication, 'an expired credential', header);
}

async function* validFindings(
  authentication: Authentication,
  where: string,
  subject: string,
  header: string,
): AsyncGenerator<Finding> {
  const outcome = await outcomeOf(() => authentication.identify(header, patient));
  if (!('value' in outcome)) return yield { where, what: `is refused: ${told(outcome.thrown)}`, remedy: 'Accept it.' };
  const identity = outcome.value;
  if (identity.subject !== subject)
    yield { where, what: `makes the caller ${identity.subject}, not ${subject}`, remedy: 'Tell whose it is.' };
  const printed = [inspect(identity, { depth: null, showHidden: true }), JSON.stringify(identity), String(identity)];
  if (printed.some((text) => text.includes(tokenOf(header))))
    yield { where, what: 'is printed with the identity', remedy: 'Give it as a `Credential`, and in no other member.' };
  if (identity.credential !== undefined && tokenOf(identity.credential.authorization()) !== tokenOf(header))
    yield { where, what: 'gives another credential', remedy: 'Give the one that came.' };
}

async function* refusedFindings(
  authentication: Authentication,
  where: string,
  header: string,
): AsyncGenerator<Finding> {
  const outcome = await outcomeOf(() => authentication.identify(header, patient));
  if ('value' in outcome) return yield { where, what: `makes the caller ${outcome.value.subject}`, remedy };
  const { thrown } = outcome;
  if (!(thrown instanceof LazuliError) || thrown.code !== 'unauthorized')
    return yield { where, what: `gives ${told(thrown)}`, remedy };
  const secret = tokenOf(header);
  if (secret.length >= 8 && inspect(thrown, { depth: null }).includes(secret))
    yield { where, what: 'is repeated in the error', remedy };
}
