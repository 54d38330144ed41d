import { createHash, webcrypto } from 'node:crypto';

/** From here on bytes are hashed on another thread: it takes longer to hand fewer over than to hash them. */
const manyBytes = 128 * 2 ** 10;

/** SHA-256 in hexadecimal digits. */
export async function sha256Of(bytes: Uint8Array): Promise<string> {
  if (bytes.length < manyBytes) return createHash('sha256').update(bytes).digest('hex');
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}
