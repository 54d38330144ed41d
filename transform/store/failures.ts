import { LazuliError } from '../../core/config/errors.ts';

/** DuckDB gives a file up of which a checkpoint has failed, such as on a full disk. */
export const isGivenUp = ({ message }: Error): boolean => /checkpoint(ing)? failed/i.test(message);

/** A file that is none of DuckDB's, or no longer, or of another version. */
export function isDamaged({ message }: Error): boolean {
  return /not a valid DuckDB database|could not read enough bytes|corrupt|checksum|serializ|INTERNAL Error|older version|newer version/i.test(
    message,
  );
}

/** Why a store can't be opened. */
export function openingError(file: string, cause: Error): LazuliError {
  if (/lock/i.test(cause.message)) {
    return new LazuliError('store_in_use', `Another process has the store ${file} open`, {
      remedy: 'Stop the other worker of this catalog, or give this one another state folder.',
      cause,
    });
  }
  return new LazuliError('store_exhausted', `The store ${file} can't be opened: ${cause.message}`, {
    remedy: 'Delete the file: the store is filled again from staged batches at the next start.',
    cause,
  });
}

/** What no longer fits into memory goes to the spill on disk: where that fails, the disk is full. */
const isDiskFull = (cause: Error): boolean =>
  isGivenUp(cause) || /^IO Error|No space left|failed to offload|max_temp_directory_size/i.test(cause.message);

/** Whether what failed may be one item's own fault: a statement, or too little memory, but no full disk and no cluster. */
export const mayBeOwn = (error: unknown): boolean =>
  !(error instanceof LazuliError) || error.code === 'store_out_of_memory';

/** A file that a statement reads, of what is staged: the store's own files fail otherwise. */
const isFileGone = ({ message }: Error): boolean => /No files found that match the pattern/i.test(message);

/** Table and file: where the folder is, is nobody else's business. */
const goneFile = ({ message }: Error): string => /[^/"]+\/[^/"]+(?=")/.exec(message)?.[0] ?? 'one that it reads';

/** Out of memory or disk, or without a staged file, is for a person to deal with; anything else is a fault of ours, or of a plug-in, and keeps its SQL. */
export function statementError(sql: string, cause: Error): Error {
  if (isFileGone(cause)) {
    return new LazuliError('staging_unavailable', `A staged file is gone: ${goneFile(cause)} (${beginningOf(sql)})`, {
      remedy: 'Restore it from a backup; `lazuli verify --deep` lists what is missing. Work goes on by itself.',
      cause,
    });
  }
  if (isDiskFull(cause)) {
    return new LazuliError('store_exhausted', `The store ran out of disk: ${cause.message} (${beginningOf(sql)})`, {
      remedy: 'Free disk space in the state folder; work goes on by itself.',
      cause,
    });
  }
  if (/^Out of Memory Error|could not allocate/i.test(cause.message)) {
    return new LazuliError(
      'store_out_of_memory',
      `The store ran out of memory: ${cause.message} (${beginningOf(sql)})`,
      {
        remedy: 'Raise limits.storeMemoryBytes; work goes on by itself.',
        cause,
      },
    );
  }
  return new Error(`${cause.message}\nin: ${sql.slice(0, 2000)}`, { cause });
}

/** So much of a statement tells which one it is. */
const longestBeginning = 120;

const beginningOf = (sql: string): string => `in: ${sql.replaceAll(/\s+/g, ' ').trim().slice(0, longestBeginning)}`;
