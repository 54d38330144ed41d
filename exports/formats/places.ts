import { closeSync, openSync, readSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { text } from '../../core/duckdb/sql.ts';
import type { Selection } from './format.ts';

/** Texts, and bytes of them, that are read at a time. */
const together = { texts: 1024, bytes: 2 ** 20 };

/** With what texts are put in order. */
export type Statements = Pick<Selection, 'run' | 'stream'>;

/** A file of texts that DuckDB has no room for, and the file that says where in it they are. */
export const placesOf = (texts: string): string => `${texts}.places`;

/** A line of that file. */
export const placeLine = (id: string | number, place: number, bytes: number): string => `${id}\t${place}\t${bytes}\n`;

/** SQL of what that file says: rows `id`, `place`, `bytes`. @param type of `id` in SQL */
export const placesFrom = (texts: string, type: 'VARCHAR' | 'BIGINT'): string =>
  `read_csv(${text(placesOf(texts))}, columns = {id: '${type}', place: 'BIGINT', bytes: 'BIGINT'}, header = false,
    delim = '\t', quote = '', escape = '', nullstr = '\u0001null', auto_detect = false)`;

/**
 * Texts at places, in the order in which SQL gives these; then the files are gone. Texts are in memory until the next ones are
 * asked for.
 *
 * @param sql of rows `place` and `bytes`
 * @param textsAt the texts of what is at one place; default: it is one
 */
export async function* readPlaces(
  selection: Statements,
  texts: string,
  sql: string,
  textsAt = (bytes: Buffer): readonly Buffer[] => [bytes],
): AsyncGenerator<readonly Buffer[]> {
  const file = openSync(texts, 'r');
  const memory = Buffer.allocUnsafe(together.bytes);
  try {
    let [some, used]: [Buffer[], number] = [[], 0];
    for await (const rows of selection.stream(sql)) {
      for (const row of rows) {
        const [place, bytes] = [Number(row.place), Number(row.bytes)];
        if (some.length >= together.texts || used + bytes > memory.length) {
          if (some.length > 0) yield some;
          [some, used] = [[], 0];
        }
        const part = bytes > memory.length ? Buffer.allocUnsafe(bytes) : memory.subarray(used, used + bytes);
        // Mostly from the memory of the system, where waiting costs more than reading.
        readSync(file, part, 0, bytes, place);
        some.push(...textsAt(part));
        used += bytes;
      }
    }
    if (some.length > 0) yield some;
  } finally {
    closeSync(file);
  }
  for (const path of [texts, placesOf(texts)]) await rm(path);
}
