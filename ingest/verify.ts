import { createHash, timingSafeEqual } from 'node:crypto';
import { createVerifier, httpbis } from 'http-message-signatures';
import { LazuliError } from '../core/config/errors.ts';
import type { HmacKey } from './hmac-key.ts';
import { signedComponents } from './sign.ts';
import { type StatedSignature, signatureAlgorithm, statedSignature } from './signature.ts';

/** A request as far as its signature concerns it. */
export interface SignedRequest {
  readonly method: string;
  /** path and query as on the request line */
  readonly target: string;
  /** names in lower case */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Against what a signature is checked; times in milliseconds. */
export interface Verification {
  /** with different ids */
  readonly keys: readonly HmacKey[];
  /** since the epoch */
  readonly now: number;
  /** how long a signature is good */
  readonly window: number;
}

/** A signature that was found right. */
export interface Signature {
  /** the same for the same signature, however its headers are written */
  readonly id: string;
  /** milliseconds since the epoch */
  readonly created: number;
}

const maxSkew = 60 * 1000;

/**
 * Checks that the request was signed with the key, not long ago, and that the body is the one signed
 * (RFC 9421, RFC 9530; specification, indexing 4.2).
 *
 * @throws LazuliError `unauthorized`; its cause, for the log, says what was wrong
 */
export async function verifySignature(request: SignedRequest, against: Verification): Promise<Signature> {
  const { signature, 'signature-input': input } = request.headers;
  if (signature === undefined) throw unsigned();
  try {
    const stated = statedSignature(input ?? '', signature);
    checkComponents(stated);
    checkParameters(stated, against);
    if (!(await isSigned(request, keyOf(stated, against.keys))))
      throw new Error('The signature is not that of the request');
    checkDigest(request.headers['content-digest'], request.body);
    return { id: stated.bytes.toString('hex'), created: stated.parameters.created * 1000 };
  } catch (cause) {
    throw wrongCredentials(cause);
  }
}

/** The refusal of a request with a signature that is wrong: whoever sends it doesn't learn what. */
export const wrongCredentials = (cause: unknown): LazuliError =>
  new LazuliError('unauthorized', 'Invalid authorization credentials', { cause });

/** The refusal of a request without a signature. */
export function unsigned(): LazuliError {
  return new LazuliError('unauthorized', 'The request is not signed', {
    remedy: `Sign ${signedComponents.join(', ')} with the key of the indexer (RFC 9421), as \`lazuli bundle\` does.`,
  });
}

function checkComponents({ components }: StatedSignature): void {
  const missing = signedComponents.filter((component) => !components.includes(component));
  if (missing.length > 0) throw new Error(`The signature does not cover ${missing.join(', ')}`);
}

function keyOf({ parameters: { keyid } }: StatedSignature, keys: readonly HmacKey[]): HmacKey {
  const key = keys.find(({ key_id }) => key_id === keyid);
  if (key === undefined) throw new Error('The key id is unknown');
  return key;
}

function checkParameters({ parameters }: StatedSignature, against: Verification): void {
  const { created, expires } = parameters;
  const { now } = against;
  checkAge(created * 1000, against);
  if (expires === undefined) return;
  if (expires <= created) throw new Error('The signature expires before it was created');
  if (now > expires * 1000) throw new Error('The signature has expired');
}

/** @param created milliseconds since the epoch. @throws Error that says what is wrong */
export function checkAge(created: number, { now, window }: Pick<Verification, 'now' | 'window'>): void {
  const age = now - created;
  if (age > window) throw new Error(`The signature is older than ${window / 1000} seconds`);
  if (-age > maxSkew) throw new Error('The signature was created in the future');
}

/** The comparison of the verifier takes the same time whatever differs. */
async function isSigned({ method, target, headers }: SignedRequest, { key, key_id: id }: HmacKey): Promise<boolean> {
  const verifier = { id, algs: [signatureAlgorithm], verify: createVerifier(key, signatureAlgorithm) };
  const result = await httpbis.verifyMessage(
    // what the verifier's own clock says of times doesn't count
    { keyLookup: async () => verifier, tolerance: Number.POSITIVE_INFINITY, all: true },
    { method, url: `http://indexer${target}`, headers: { ...headers } },
  );
  return result === true;
}

const sha256Member = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

function checkDigest(header: string | undefined, body: Uint8Array): void {
  const members = (header ?? '').split(',').map((member) => sha256Member.exec(member.trim())?.[1]);
  const digests = members.filter((digest) => digest !== undefined);
  const [claimed] = digests;
  if (digests.length !== 1 || claimed === undefined) throw new Error('Content-Digest has not one SHA-256');
  const actual = createHash('sha256').update(body).digest();
  if (!timingSafeEqual(Buffer.from(claimed, 'base64'), actual))
    throw new Error('The body is not the one that was signed');
}
