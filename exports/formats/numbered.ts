import { writeFile } from 'node:fs/promises';
import { copyTexts, linesOf, numberId, type Ordered, textsIn } from './copied.ts';
import { placeLine, placesFrom, placesOf, readPlaces, type Statements } from './places.ts';

/** Bytes of neighbours that are read together. */
const together = 2 ** 18;

/**
 * Texts in the order of their numbers, each number once: of equal ones any. Much faster than `inOrder` where DuckDB mostly meets
 * neighbours one after the other, because they are read, and put in order, together.
 *
 * @param numbered ids are whole numbers; that of a neighbour is one more
 * @param file that doesn't exist yet; gone afterwards
 */
export async function* byNumber(
  selection: Statements,
  numbered: Ordered,
  file: string,
): AsyncGenerator<readonly Buffer[]> {
  await copyTexts(selection, numbered, file);
  await writeFile(placesOf(file), placesOfRuns(file));
  const sql = `SELECT place::DOUBLE AS place, bytes::INTEGER AS bytes FROM ${placesFrom(file, 'BIGINT')} ORDER BY id, place`;
  let next = 0;
  const isNext = (memory: Buffer, from: number, end: number): boolean => {
    const number = numberId(memory, from, end);
    if (number < next) return false;
    next = number + 1;
    return true;
  };
  yield* readPlaces(selection, file, sql, (bytes) => textsIn(bytes, isNext));
}

/** A run is what lies one after the other and has numbers that follow each other. */
function* placesOfRuns(file: string): Generator<string> {
  const run = { first: 0, next: 0, place: 0, bytes: 0 };
  const line = (): string => (run.bytes === 0 ? '' : placeLine(run.first, run.place, run.bytes));
  yield* linesOf(file, numberId, (number, place, bytes) => {
    const isMore = number === run.next && run.bytes + bytes <= together;
    const before = isMore ? '' : line();
    if (!isMore) Object.assign(run, { first: number, place, bytes: 0 });
    run.next = number + 1;
    run.bytes += bytes;
    return before;
  });
  yield line();
}
