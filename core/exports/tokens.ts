import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { jsonOrNothing } from '../config/text.ts';
import { keyHash } from './request.ts';

/** Of whoever waits for an export. */
const poll = z.strictObject({
  purpose: z.literal('poll'),
  catalog: z.string(),
  hash: keyHash,
  /** answers that the caller had before */
  index: z.int().min(0),
  /** the caller follows redirects at once, and is kept waiting instead */
  held: z.boolean(),
  /** milliseconds since the epoch */
  expires: z.int(),
});

/** Lets anybody have one finished export for some days (specification, service-api 10.4). */
const key = z.strictObject({ purpose: z.literal('key'), catalog: z.string(), hash: keyHash, expires: z.int() });

/** Of whoever waits for a data file until it is ready. */
const download = z.strictObject({
  purpose: z.literal('download'),
  catalog: z.string(),
  uuid: z.string(),
  version: z.string(),
  /** answers that the caller had before */
  index: z.int().min(0),
  expires: z.int(),
});

/** Lets anybody have one data file for an hour, from the service itself. */
const file = z.strictObject({
  purpose: z.literal('file'),
  catalog: z.string(),
  uuid: z.string(),
  version: z.string(),
  /** as documents have it */
  name: z.string(),
  size: z.int().nullable(),
  /** to save it under; safe */
  saveAs: z.string(),
  expires: z.int(),
});

const claims = z.discriminatedUnion('purpose', [poll, key, download, file]);
export type Claims = z.output<typeof claims>;
export type PollClaims = z.output<typeof poll>;
export type FileClaims = z.output<typeof file>;
type ClaimsFor<P extends Claims['purpose']> = Extract<Claims, { purpose: P }>;

const macBytes = 32;

/**
 * Texts by which a caller says what it was promised, and nobody can make up another: each has a MAC over deployment,
 * purpose, and all that it says.
 */
export class Tokens {
  readonly #secret: Uint8Array;
  readonly #deployment: string;

  /** @param secret of all processes of the service, 32 bytes or more */
  constructor(secret: Uint8Array, deployment: string) {
    this.#secret = secret;
    this.#deployment = deployment;
  }

  /** What stands in a URL, without padding. */
  print(claimed: Claims): string {
    const text = Buffer.from(JSON.stringify(claimed));
    return Buffer.concat([this.#mac('token', text), text]).toString('base64url');
  }

  /** @returns null for what is none of this deployment's for one of the purposes, whatever its age */
  parse<P extends Claims['purpose']>(token: string, purposes: readonly P[]): ClaimsFor<P> | null {
    const bytes = Buffer.from(token, 'base64url');
    const [mac, text] = [bytes.subarray(0, macBytes), bytes.subarray(macBytes)];
    // Other spellings of the same bytes are none of ours.
    if (bytes.toString('base64url') !== token.replace(/=+$/, '')) return null;
    if (mac.length !== macBytes || !timingSafeEqual(mac, this.#mac('token', text))) return null;
    const found = claims.safeParse(jsonOrNothing(text)).data;
    const isFor = (one: Claims): one is ClaimsFor<P> => (purposes as readonly string[]).includes(one.purpose);
    return found !== undefined && isFor(found) ? found : null;
  }

  /** Of the parts of a URL. */
  signature(parts: readonly (string | number)[]): string {
    return this.#mac('url', Buffer.from(JSON.stringify(parts))).toString('base64url');
  }

  isSignature(signature: string, parts: readonly (string | number)[]): boolean {
    const [given, right] = [Buffer.from(signature), Buffer.from(this.signature(parts))];
    return given.length === right.length && timingSafeEqual(given, right);
  }

  /** Who asks, as a name that tells nobody who it is. */
  pseudonym(caller: string): string {
    return this.#mac('caller', Buffer.from(caller)).subarray(0, 9).toString('base64url');
  }

  #mac(kind: string, text: Uint8Array): Buffer {
    const about = JSON.stringify([kind, this.#deployment]);
    return createHmac('sha256', this.#secret).update(`${about}\n`).update(text).digest();
  }
}
