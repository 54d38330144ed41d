import { LazuliError } from '../../core/config/errors.ts';
import { safeFileName } from '../../core/exports/file-names.ts';
import type { FileClaims, Tokens } from '../../core/exports/tokens.ts';
import { refusal } from '../../core/http/refusal.ts';
import type { DataFile } from '../../core/model/repository.ts';
import type { Clock } from '../../core/runtime/ports.ts';

/** By what the service signs its own URLs, and knows them again. */
export interface Links {
  readonly tokens: Tokens;
  readonly clock: Clock;
}

/** A URL of a file, and the place of somebody who waits, last so long. */
const lifeMillis = 60 * 60 * 1000;

/** Where the service itself sends data files. */
export const objectsPath = '/repository/objects';

/** Somebody who has asked before. */
export interface Waiting {
  readonly catalog: string;
  readonly uuid: string;
  readonly version: string;
  /** answers before */
  readonly index: number;
}

export function waitingToken({ tokens, clock }: Links, waiting: Waiting): string {
  return tokens.print({ purpose: 'download', ...waiting, expires: clock.now() + lifeMillis });
}

/** How many answers there were before. @throws LazuliError `bad_request` for a token that isn't about this file */
export function answersBefore({ tokens, clock }: Links, token: string, asked: Omit<Waiting, 'index'>): number {
  const claims = tokens.parse(token, ['download']);
  const isIts =
    claims !== null &&
    clock.now() < claims.expires &&
    claims.catalog === asked.catalog &&
    claims.uuid === asked.uuid &&
    claims.version === asked.version;
  if (isIts) return claims.index;
  throw refusal('Invalid token.', 'Ask for the file again, without `token` and `requestIndex`.');
}

/** A URL, signed now, by which anybody can have a file for an hour. */
export function fileUrl(
  { tokens, clock }: Links,
  baseUrl: string,
  { catalog, file, saveAs }: { readonly catalog: string; readonly file: DataFile; readonly saveAs: string },
): string {
  const { uuid, version, name, size } = file;
  const expires = clock.now() + lifeMillis;
  const claims = { catalog, uuid, version, name, size, saveAs: safeFileName(saveAs), expires };
  return `${baseUrl}${objectsPath}/${tokens.print({ purpose: 'file', ...claims })}`;
}

/** What such a URL says. @throws LazuliError `forbidden` where this deployment hasn't signed it, `gone` where its time is over */
export function claimsOf({ tokens, clock }: Links, token: string): FileClaims {
  const claims = tokens.parse(token, ['file']);
  if (claims === null)
    throw new LazuliError('forbidden', 'The signature of the URL is wrong.', {
      remedy: 'Use the URL as it is, or ask for the file again.',
    });
  if (clock.now() < claims.expires) return claims;
  throw new LazuliError('gone', 'The URL has expired.', { remedy: 'Ask for the file again.' });
}
