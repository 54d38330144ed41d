import { LazuliError } from '../../core/config/errors.ts';
import type { Result } from '../../core/exports/attempts.ts';
import { formatTypes } from '../../core/exports/formats.ts';
import type { Job } from '../../core/exports/jobs.ts';
import type { Exports } from './exports.ts';
import { objectName } from './waiting.ts';

/** A URL of a result lasts so long (specification, service-api 10.1). */
const urlSeconds = 60 * 60;

/** Where the service itself sends results. */
export const objectsPath = '/manifest/objects';

/** A URL, signed now, by which anybody can have a result for an hour. */
export async function resultUrl(
  { objects, tokens, clock }: Exports,
  { hash, request }: Pick<Job, 'hash' | 'request'>,
  { name }: Result,
  baseUrl: string,
): Promise<string> {
  const object = objectName(request, hash);
  const { contentType } = formatTypes[request.format];
  if (objects.sign !== undefined) return objects.sign(object, { name, contentType, seconds: urlSeconds });
  const expires = Math.ceil(clock.now() / 1000) + urlSeconds;
  const signature = tokens.signature(signedParts({ object, name, expires }));
  const parameters = new URLSearchParams({ name, expires: String(expires), signature });
  return `${baseUrl}${objectsPath}/${object}?${parameters}`;
}

/** What such a URL says. */
export interface SignedUrl {
  readonly object: string;
  readonly name: string;
  /** seconds since the epoch */
  readonly expires: number;
}

/** @throws LazuliError `forbidden` where it isn't one that this deployment has signed, `gone` where its time is over */
export function checkSigned({ tokens, clock }: Exports, url: SignedUrl, signature: string): void {
  if (!tokens.isSignature(signature, signedParts(url)))
    throw new LazuliError('forbidden', 'The signature of the URL is wrong.', {
      remedy: 'Use the URL as it is, or ask for the manifest again.',
    });
  if (clock.now() >= url.expires * 1000) throw expired();
}

/** A manifest, or the promise of one, whose time is over. */
export const expired = (): LazuliError =>
  new LazuliError('gone', 'The requested manifest has expired, please request a new one.');

const signedParts = ({ object, name, expires }: SignedUrl) => ['object', object, name, expires] as const;
