import { createHash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { LazuliError } from '../../../core/config/errors.ts';
import { jsonTextOf, wholeJson } from '../../../core/config/text.ts';

/** What a token file may have at most. */
export const maxTokens = 1_000;
export const maxFileBytes = 1024 * 1024;

const tokenFileSchema = z.strictObject({
  tokens: z
    .array(
      z.strictObject({
        /** the caller that the token stands for, as `readers` of repositories name it */
        subject: z.string().min(1).max(256),
        /** SHA-256 of the token, in hexadecimal digits */
        sha256: z.string().regex(/^[\da-f]{64}$/, 'must be 64 hexadecimal digits in lower case'),
        /** from when on the token is not valid any more (RFC 3339) */
        expires: z.iso.datetime({ offset: true }).optional(),
      }),
    )
    .max(maxTokens),
});

/** A token as it is kept: not itself, and for nobody to be read. */
export interface KnownToken {
  readonly subject: string;
  readonly digest: Buffer;
  /** milliseconds since the epoch; Infinity: never */
  readonly expires: number;
}

/** @throws LazuliError `configuration_invalid`, naming file, entry and member */
export function parseTokenFile(bytes: Uint8Array, path: string): readonly KnownToken[] {
  const { tokens } = parse(bytes, path);
  const entries = new Map<string, number>();
  return tokens.map(({ subject, sha256, expires }, i) => {
    const twin = entries.get(sha256);
    if (twin !== undefined) throw invalid(`${path}: tokens.${i}: its sha256 is that of tokens.${twin}, too`);
    entries.set(sha256, i);
    return {
      subject,
      digest: Buffer.from(sha256, 'hex'),
      expires: expires === undefined ? Infinity : Date.parse(expires),
    };
  });
}

function parse(bytes: Uint8Array, path: string): z.output<typeof tokenFileSchema> {
  let input: unknown;
  try {
    input = wholeJson(jsonTextOf(bytes));
  } catch (cause) {
    // What the parser says may quote the file.
    throw invalid(cause instanceof SyntaxError ? `${path} is no JSON` : `${path}: ${(cause as Error).message}`);
  }
  const result = tokenFileSchema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw invalid(`${path}: ${issue?.path.join('.') || 'the file'}: ${issue?.message}`);
}

/** How a token is kept. Tokens are long and random, so one round without salt can't be undone. */
export const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

/**
 * The subject of a token, or null where it is unknown or has expired. Takes as long for a token that is nearly
 * right as for any other: all known ones are compared, each in constant time.
 *
 * @param now milliseconds since the epoch
 */
export function subjectOf(known: readonly KnownToken[], token: string, now: number): string | null {
  const digest = digestOf(token);
  let subject: string | null = null;
  for (const candidate of known) {
    if (timingSafeEqual(candidate.digest, digest) && now < candidate.expires) subject = candidate.subject;
  }
  return subject;
}

/** A mistake in the token file. */
export function invalid(message: string): LazuliError {
  return new LazuliError('configuration_invalid', message, {
    remedy: 'Write {"tokens": [{"subject": "…", "sha256": "…"}]}; `lazuli token` makes an entry.',
  });
}
