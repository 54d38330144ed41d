import type { Readable } from 'node:stream';

/** Both ends belong to it. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** A data file that the service sends itself. */
export interface FileBytes {
  readonly bytes: number;
  /** when it was last changed, milliseconds since the epoch */
  readonly written: number;
  /** letters, digits, `.` and `-`: another one for other bytes */
  readonly tag: string;
  /** Bytes of the file, as it was found. */
  read(range: ByteRange): Promise<Readable>;
}
