import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { copyTexts, linesOf, type Ordered, textId, textsIn } from './copied.ts';
import type { Selection } from './format.ts';
import { placeLine, placesFrom, placesOf, readPlaces, type Statements } from './places.ts';

/** Bytes that wait to be read or written. */
const highWaterMark = 2 ** 20;

/**
 * Texts that wait in a file until all are known. DuckDB sorts where they are: it has no room for the texts themselves, which
 * may be as large as documents. Ids have no tabs and no line breaks.
 */
export class Spool {
  readonly #file: string;
  #end = 0;
  readonly #texts: WriteStream;
  readonly #places: WriteStream;

  /** @param file that doesn't exist yet, and neither do those whose names begin like its own */
  constructor(file: string) {
    this.#file = file;
    this.#texts = createWriteStream(file, { highWaterMark });
    this.#places = createWriteStream(placesOf(file), { highWaterMark });
  }

  async add(id: string, value: string): Promise<void> {
    const bytes = Buffer.from(value);
    await put(this.#places, placeLine(id, this.#end, bytes.length));
    await put(this.#texts, bytes);
    this.#end += bytes.length;
  }

  /** The first text of each id, in the order in which they came; then the files are gone. */
  async *first(selection: Selection): AsyncGenerator<readonly Buffer[]> {
    for (const stream of [this.#texts, this.#places]) {
      stream.end();
      await once(stream, 'close');
    }
    const grouped = 'SELECT min(place)::DOUBLE AS place, arg_min(bytes, place) AS bytes';
    const from = placesFrom(this.#file, 'VARCHAR');
    yield* readPlaces(selection, this.#file, `SELECT * FROM (${grouped} FROM ${from} GROUP BY id) ORDER BY place`);
  }
}

/**
 * Texts in the order of their ids, in constant memory.
 *
 * @param ordered ids are texts without tabs and line breaks
 * @param file that doesn't exist yet; gone afterwards
 */
export async function* inOrder(
  selection: Statements,
  ordered: Ordered,
  file: string,
): AsyncGenerator<readonly Buffer[]> {
  await copyTexts(selection, ordered, file);
  await writeFile(placesOf(file), linesOf(file, textId, placeLine));
  const sql = `SELECT place::DOUBLE AS place, bytes::INTEGER AS bytes FROM ${placesFrom(file, 'VARCHAR')} ORDER BY id, place`;
  yield* readPlaces(selection, file, sql, (bytes) => textsIn(bytes));
}

/** What orders documents, and the rows of one by number. */
export const documentOrder = (part: string): string => `concat(entity_id, chr(1), lpad((${part})::VARCHAR, 9, '0'))`;

async function put(stream: WriteStream, what: string | Buffer): Promise<void> {
  if (!stream.write(what)) await once(stream, 'drain');
}
