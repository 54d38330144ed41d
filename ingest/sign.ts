import { createHash } from 'node:crypto';
import { createSigner, httpbis } from 'http-message-signatures';
import type { HmacKey } from './hmac-key.ts';

/** What a signature covers (specification, indexing 4.2). */
export const signedComponents: readonly string[] = ['@method', '@path', 'content-digest'];
/** Name in RFC 9421, 3.3.3 */
export const signatureAlgorithm = 'hmac-sha256';

/** RFC 9530 */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
}

/**
 * Headers that sign a request (RFC 9421, HMAC-SHA256): Content-Digest, Signature-Input, Signature.
 *
 * @param created when the signature is made, in milliseconds since the epoch
 */
export async function signRequest(
  key: HmacKey,
  { method, url, body, created }: { method: string; url: string; body: Uint8Array; created: number },
): Promise<Record<string, string>> {
  const signed = await httpbis.signMessage(
    {
      key: createSigner(key.key, signatureAlgorithm, key.key_id),
      name: 'lazuli',
      fields: [...signedComponents],
      params: ['created', 'keyid', 'alg'],
      paramValues: { created: new Date(created) },
    },
    { method, url, headers: { 'Content-Digest': contentDigest(body) } },
  );
  return Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name, String(value)]));
}
