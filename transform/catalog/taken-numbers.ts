import { jsonBytes, parsedJson } from '../../core/config/text.ts';
import type { Records } from '../../core/runtime/ports.ts';

const digits = 8;

/** The last number that was taken; 0 where none was. */
export async function lastTaken(records: Records, prefix: string): Promise<number> {
  let last = 0;
  for await (const key of records.list(prefix)) last = Number(key.slice(prefix.length));
  return last;
}

/**
 * Takes the next number: one that nobody else has or had. Numbers are records that are only ever created.
 *
 * @param prefix of their keys
 * @param after a number below it, whatever was taken
 * @param note what is said of it
 * @param expectFree throws where a number can't be taken
 */
export async function takeNumber(
  records: Records,
  prefix: string,
  after: number,
  note: object,
  expectFree: (number: number) => void = () => {},
): Promise<number> {
  const said = jsonBytes(note);
  for (;;) {
    const number = Math.max(after, await lastTaken(records, prefix)) + 1;
    expectFree(number);
    if (await records.putIfAbsent(keyOf(prefix, number), said)) return number;
  }
}

/** What was said of a number; null where it wasn't taken. */
export async function noteOn(records: Records, prefix: string, number: number): Promise<unknown> {
  const note = await records.get(keyOf(prefix, number));
  return note === null ? null : parsedJson(note);
}

/** Has a number taken that was taken elsewhere. */
export async function noteTaken(records: Records, prefix: string, number: number, note: object): Promise<void> {
  await records.put(keyOf(prefix, number), jsonBytes(note));
}

const keyOf = (prefix: string, number: number): string => `${prefix}${String(number).padStart(digits, '0')}`;
