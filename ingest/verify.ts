import { createHash, timingSafeEqual } from 'node:crypto';
import { createVerifier, httpbis, type SignatureParameters, type VerifyingKey } from 'http-message-signatures';
import { LazuliError } from '../config/errors.ts';
import type { HmacKey } from './hmac-key.ts';
import { signatureAlgorithm, signedComponents } from './sign.ts';

/** A request as far as its signature concerns it. */
export interface SignedRequest {
  readonly method: string;
  /** path and query as on the request line */
  readonly target: string;
  /** names in lower case */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const maxAge = 24 * 60 * 60 * 1000;
const maxSkew = 60 * 1000;

/**
 * Checks that the request was signed with the key, not long ago, and that the body is the one signed
 * (RFC 9421, RFC 9530; specification, indexing 4.2).
 *
 * @throws LazuliError `unauthorized`; its cause, for the log, says what was wrong
 */
export async function verifySignature(request: SignedRequest, key: HmacKey, now: number): Promise<void> {
  if (request.headers.signature === undefined) throw unsigned();
  let reason: unknown = 'The signature is not that of the request';
  try {
    if ((await verified(request, key, now)) && isDigestOf(request.headers['content-digest'], request.body)) return;
  } catch (error) {
    reason = error;
  }
  throw new LazuliError('unauthorized', 'Invalid authorization credentials', { cause: reason });
}

/** The refusal of a request without a signature. */
export function unsigned(): LazuliError {
  return new LazuliError('unauthorized', 'The request is not signed', {
    remedy: `Sign ${signedComponents.join(', ')} with the key of the indexer (RFC 9421), as \`lazuli bundle\` does.`,
  });
}

async function verified({ method, target, headers }: SignedRequest, key: HmacKey, now: number): Promise<boolean> {
  const result = await httpbis.verifyMessage(
    {
      keyLookup: async (parameters) => {
        checkParameters(parameters, key.key_id, now);
        return verifyingKey(key);
      },
      requiredParams: ['created', 'keyid'],
      requiredFields: [...signedComponents],
      // the window was checked by our own clock
      notAfter: Number.POSITIVE_INFINITY,
      all: true,
    },
    { method, url: `http://indexer${target}`, headers: { ...headers } },
  );
  return result === true;
}

/** The comparison of the verifier takes the same time whatever differs. */
function verifyingKey({ key, key_id: id }: HmacKey): VerifyingKey {
  return { id, algs: [signatureAlgorithm], verify: createVerifier(key, signatureAlgorithm) };
}

function checkParameters({ created, keyid }: SignatureParameters, keyId: string, now: number): void {
  if (keyid !== keyId) throw new Error('The key id is unknown');
  const at = created?.getTime();
  if (at === undefined || !Number.isFinite(at)) throw new Error('The signature lacks the time of its creation');
  if (now - at > maxAge) throw new Error('The signature is older than 24 hours');
  if (at - now > maxSkew) throw new Error('The signature was created in the future');
}

const sha256Member = /^sha-256=:([A-Za-z0-9+/]{43}=):$/;

function isDigestOf(header: string | undefined, body: Uint8Array): boolean {
  const members = (header ?? '').split(',').map((member) => sha256Member.exec(member.trim())?.[1]);
  const digests = members.filter((digest) => digest !== undefined);
  const [claimed] = digests;
  if (digests.length !== 1 || claimed === undefined) throw new Error('Content-Digest has not one SHA-256');
  const actual = createHash('sha256').update(body).digest();
  if (timingSafeEqual(Buffer.from(claimed, 'base64'), actual)) return true;
  throw new Error('The body is not the one that was signed');
}
