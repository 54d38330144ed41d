import { createHash, randomUUID } from 'node:crypto';
import { createSigner, httpbis } from 'http-message-signatures';
import type { HmacKey } from './hmac-key.ts';
import { signatureAlgorithm } from './signature.ts';

/** What a signature covers (specification, indexing 4.2). */
export const signedComponents: readonly string[] = ['@method', '@path', 'content-digest'];

/** RFC 9530 */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

/** A request to be signed. */
interface Unsigned {
  readonly method: string;
  readonly url: string;
  readonly body: Uint8Array;
  readonly created: number;
  readonly nonce?: string;
}

/**
 * Headers that sign a request (RFC 9421, HMAC-SHA256): Content-Digest, Signature-Input, Signature.
 *
 * @param created when the signature is made, in milliseconds since the epoch
 * @param nonce tells requests apart that are equal and of the same second: a signature is good for one
 */
export async function signRequest(
  key: HmacKey,
  { method, url, body, created, nonce = randomUUID() }: Unsigned,
): Promise<Record<string, string>> {
  const signed = await httpbis.signMessage(
    {
      key: createSigner(key.key, signatureAlgorithm, key.key_id),
      name: 'lazuli',
      fields: [...signedComponents],
      params: ['created', 'keyid', 'alg', 'nonce'],
      paramValues: { created: new Date(created), nonce },
    },
    { method, url, headers: { 'Content-Digest': contentDigest(body) } },
  );
  return Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name, String(value)]));
}
