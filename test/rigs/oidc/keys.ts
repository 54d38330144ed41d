import { generateKeyPairSync, type JsonWebKey, randomUUID } from 'node:crypto';

/** What a provider signs with. */
export type SigningAlgorithm = 'ES256' | 'RS256';

/** A key as a provider keeps it: with its private part. */
export interface SigningKey extends JsonWebKey {
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly use: 'sig';
}

/** A new key. One for ES256 takes a millisecond, one for RS256 a tenth of a second. */
export function newSigningKey(alg: SigningAlgorithm): SigningKey {
  const { privateKey } =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), alg, use: 'sig' };
}
