import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { HmacKey } from './hmac-key.ts';
import { signatureAlgorithm } from './signature.ts';
import { checkAge, type Signature, type Verification, wrongCredentials } from './verify.ts';

/**
 * The headers that a callback is signed with (specification, dss 4.2: draft-cavage-http-signatures). Method and path aren't
 * covered by it: secrets that are good for one path each make up for that.
 */
export const callbackScheme = 'Signature ';

/** A callback as far as its signature concerns it. */
export interface SignedCallback {
  /** names and values by turns, as they came: Node drops or joins those that came twice */
  readonly rawHeaders: readonly string[];
  readonly body: Uint8Array;
}

/** Against what it is checked. */
export interface CallbackVerification extends Pick<Verification, 'now' | 'window'> {
  /** several may have one id */
  readonly keys: readonly HmacKey[];
}

const signedHeaders: ReadonlySet<string> = new Set(['date', 'digest']);

/**
 * Checks that a data store has signed the callback, with one of the keys and not long ago, and that the body is the one
 * signed.
 *
 * @throws LazuliError `unauthorized`; its cause, for the log, says what was wrong
 */
export function verifyCallback({ rawHeaders, body }: SignedCallback, against: CallbackVerification): Signature {
  try {
    if (headersOf(rawHeaders, 'signature').length > 0) throw new Error('It has a signature of another kind as well');
    const { keyId, headers, bytes } = statedBy(headerOf(rawHeaders, 'authorization'));
    const values = { date: headerOf(rawHeaders, 'date'), digest: headerOf(rawHeaders, 'digest') };
    const created = timeOf(values.date);
    checkAge(created, against);
    const text = headers.map((name) => `${name}: ${values[name]}`).join('\n');
    const keys = against.keys.filter(({ key_id }) => key_id === keyId);
    if (keys.length === 0) throw new Error('The key id is unknown');
    if (!isSignedByOne(keys, text, bytes)) throw new Error('The signature is not that of the request');
    checkDigest(values.digest, body);
    return { id: bytes.toString('hex'), created };
  } catch (cause) {
    throw wrongCredentials(cause);
  }
}

interface Stated {
  readonly keyId: string;
  readonly headers: readonly ('date' | 'digest')[];
  readonly bytes: Buffer;
}

const parameter = '[a-zA-Z]+="[^"\\\\,]*"';
const form = new RegExp(`^${callbackScheme}(${parameter}(?: ?, ?${parameter})*)$`);
const names = ['algorithm', 'headers', 'keyId', 'signature'].join();
/** 32 bytes */
const base64 = /^[A-Za-z0-9+/]{43}=$/;

/** The one form that is taken: each parameter once and no others, and both headers, each once. */
function statedBy(authorization: string): Stated {
  const [, listed] = form.exec(authorization) ?? [];
  if (listed === undefined) throw new Error('Authorization is not of the form that is taken');
  const given = [...listed.matchAll(/([a-zA-Z]+)="([^"]*)"/g)].map(
    ([, name = '', value = '']) => [name, value] as const,
  );
  const sorted = given.map(([name]) => name).sort();
  if (sorted.join() !== names)
    throw new Error('It needs keyId, algorithm, headers and signature, each once, and no others');
  const { keyId = '', algorithm, headers = '', signature = '' } = Object.fromEntries(given);
  if (algorithm !== signatureAlgorithm) throw new Error(`The algorithm is not ${signatureAlgorithm}`);
  const covered = headers.split(' ');
  if (covered.length !== signedHeaders.size || !covered.every(isSignedHeader) || new Set(covered).size < covered.length)
    throw new Error('The signature has to cover date and digest, each once, and nothing else');
  if (!base64.test(signature)) throw new Error('The signature is not 32 bytes');
  return { keyId, headers: covered, bytes: Buffer.from(signature, 'base64') };
}

const isSignedHeader = (name: string): name is 'date' | 'digest' => signedHeaders.has(name);

/** Of all keys of that id, in the same time whichever it is. */
function isSignedByOne(keys: readonly HmacKey[], text: string, bytes: Buffer): boolean {
  const fitting = keys.map(({ key }) => timingSafeEqual(createHmac('sha256', key).update(text).digest(), bytes));
  return fitting.includes(true);
}

/** IMF-fixdate alone (RFC 9110, 5.6.7): what JavaScript prints as it was. @returns milliseconds since the epoch */
function timeOf(date: string): number {
  const time = Date.parse(date);
  if (Number.isNaN(time) || new Date(time).toUTCString() !== date) throw new Error('Date is not as in RFC 9110');
  return time;
}

function checkDigest(header: string, body: Uint8Array): void {
  const [, claimed] = /^SHA-256=([A-Za-z0-9+/]{43}=)$/i.exec(header) ?? [];
  if (claimed === undefined) throw new Error('Digest has not one SHA-256');
  if (!timingSafeEqual(Buffer.from(claimed, 'base64'), createHash('sha256').update(body).digest()))
    throw new Error('The body is not the one that was signed');
}

/** The value of a header that came once. */
function headerOf(raw: readonly string[], name: string): string {
  const [value, second] = headersOf(raw, name);
  if (value === undefined || second !== undefined) throw new Error(`The header ${name} has to be there once`);
  return value;
}

const headersOf = (raw: readonly string[], name: string): readonly string[] =>
  raw.filter((_, i) => i % 2 === 1 && raw[i - 1]?.toLowerCase() === name);
