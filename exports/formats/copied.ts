import { closeSync, openSync, readSync } from 'node:fs';
import { textOf } from '../../core/config/text.ts';
import { text } from '../../core/duckdb/sql.ts';
import { numberOf } from './format.ts';
import type { Statements } from './places.ts';

/** Rows as texts: what they are ordered by, and what they are. */
export interface Ordered {
  /** SQL of what they are ordered by; rows of the same one come in any order */
  readonly id: string;
  /** SQL of text */
  readonly value: string;
  /** SQL of rows; of a join the second side is kept in memory */
  readonly from: string;
  /** whether values are so costly to make that only one thread at a time has room for that */
  readonly isWide?: boolean;
}

/** A text with its id in a file: the bytes of both in so many digits each, both, and the end of a line. */
const digits = 10;
const head = 2 * digits;
/** Bytes that are looked at together. */
const together = 2 ** 20;

/**
 * Has DuckDB write texts and their ids to a file, in whatever order it meets them: it can't sort rows that it has no room for,
 * and what it hands over stays in memory until garbage is collected.
 */
export async function copyTexts(
  selection: Statements,
  { id, value, from, isWide = false }: Ordered,
  file: string,
): Promise<void> {
  const bytes = (column: string): string => `lpad(strlen(${column})::VARCHAR, ${digits}, '0')`;
  await sparingly(selection, isWide, () =>
    selection.run(`COPY (SELECT concat(${bytes('id')}, ${bytes('value')}, id, value) AS line
      FROM (SELECT (${id})::VARCHAR AS id, coalesce(${value}, '') AS value FROM ${from}))
    TO ${text(file)} (FORMAT csv, HEADER false, DELIMITER '\t', QUOTE '', ESCAPE '', NEW_LINE '\\n')`),
  );
}

/**
 * Runs a statement in as little memory as DuckDB can: nothing waits for what comes before it, as places are sorted later, and
 * wide rows are not the side of a join that is kept.
 */
async function sparingly(selection: Statements, isWide: boolean, work: () => Promise<unknown>): Promise<void> {
  await selection.run('SET preserve_insertion_order = false');
  await selection.run(`SET disabled_optimizers = 'join_order,build_side_probe_side'`);
  await (isWide ? byOneThread(selection, work) : work());
  await selection.run('RESET disabled_optimizers');
  await selection.run('RESET preserve_insertion_order');
}

/** Runs a statement by one thread, where two have no room for their rows. */
export async function byOneThread(selection: Statements, work: () => Promise<unknown>): Promise<void> {
  const threads = await numberOf(selection, `SELECT current_setting('threads')::INTEGER AS n`);
  await selection.run('SET threads = 1');
  await work();
  await selection.run(`SET threads = ${threads}`);
}

/** Finds something out about an id in memory. */
type OfId<T> = (memory: Buffer, from: number, end: number) => T;

export const textId: OfId<string> = (memory, from, end) => textOf(memory.subarray(from, end));

/** One that is a whole number. */
export function numberId(memory: Buffer, from: number, end: number): number {
  let number = 0;
  for (let i = from; i < end; i++) number = number * 10 + (memory[i] as number) - zero;
  return number;
}

const zero = 48;

/**
 * Goes from text to text of such a file, without a look at them.
 *
 * @param lineOf what is to be said of a text, of which a place and a number of bytes have all, its id too
 * @returns what was said
 */
export function* linesOf<Id>(
  path: string,
  readId: OfId<Id>,
  lineOf: (id: Id, place: number, bytes: number) => string,
): Generator<string> {
  const file = openSync(path, 'r');
  const memory = Buffer.allocUnsafe(together);
  try {
    for (let at = 0; ; ) {
      const end = readSync(file, memory, 0, memory.length, at);
      let lines = '';
      let from = 0;
      while (from + head <= end) {
        const idEnd = from + head + numberAt(memory, from);
        if (idEnd > end) break;
        const bytes = lineBytes(memory, from);
        lines += lineOf(readId(memory, from + head, idEnd), at + from, bytes);
        from += bytes;
      }
      if (from === 0) return;
      at += from;
      yield lines;
    }
  } finally {
    closeSync(file);
  }
}

/** The texts of one or several that lie one after the other. */
export function textsIn(bytes: Buffer, isWanted: OfId<boolean> = () => true): readonly Buffer[] {
  const texts: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += lineBytes(bytes, from)) {
    const start = from + head + numberAt(bytes, from);
    if (!isWanted(bytes, from + head, start)) continue;
    texts.push(bytes.subarray(start, from + lineBytes(bytes, from) - 1));
  }
  return texts;
}

const lineBytes = (memory: Buffer, from: number): number =>
  head + numberAt(memory, from) + numberAt(memory, from + digits) + 1;

const numberAt = (memory: Buffer, from: number): number => numberId(memory, from, from + digits);
