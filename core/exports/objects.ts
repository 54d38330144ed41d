import type { Readable } from 'node:stream';
import type { ByteRange } from '../model/file-bytes.ts';

/** What the keys of results in a bucket begin with. No catalog's name begins with `_`. */
export const resultsFolder = '_exports/results/';

/** A finished file, where callers can have it from. */
export interface ResultObject {
  readonly bytes: number;
  /** when it was put, milliseconds since the epoch */
  readonly written: number;
}

/** How somebody is to get a file by its URL. */
export interface Offer {
  /** to save it under; safe */
  readonly name: string;
  readonly contentType: string;
  /** of the URL's life */
  readonly seconds: number;
}

/**
 * The files that exports have made, by names such as `<hash>.tsv`. A file is there whole or not at all; what is put again is
 * replaced. All throw LazuliError `staging_unavailable`.
 */
export interface ResultObjects {
  /** Puts a local file, which stays. */
  put(name: string, file: string, contentType: string): Promise<void>;
  /** @returns null where there is none */
  stat(name: string): Promise<ResultObject | null>;
  /** Bytes of a file that is there. */
  read(name: string, range: ByteRange): Promise<Readable>;
  /** Names of all. */
  list(): AsyncIterable<string>;
  delete(name: string): Promise<void>;
  /** Removes what workers that were killed had begun to put before a time; absent where the store does that by itself. */
  removeLeftovers?(before: number): Promise<void>;
  /** A URL by which anybody can have the file for a while; absent where the service itself sends files. */
  readonly sign?: (name: string, offer: Offer) => Promise<string>;
}
