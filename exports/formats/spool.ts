import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { textOf } from '../../core/config/text.ts';
import { text } from '../../core/duckdb/sql.ts';
import type { Selection } from './format.ts';

/** Texts that are read at a time. */
const together = 64;

/**
 * Texts of any length that wait in a file until all are known, and come back in another order. DuckDB sorts where they are:
 * it has no room for the texts themselves, which may be as large as documents.
 */
export class Spool {
  readonly #paths: readonly [texts: string, places: string];
  readonly #texts: WriteStream;
  readonly #places: WriteStream;
  #end = 0;

  /** @param file that doesn't exist yet, and neither do those whose names begin like its own */
  constructor(file: string) {
    this.#paths = [file, `${file}.places`];
    [this.#texts, this.#places] = [createWriteStream(file), createWriteStream(this.#paths[1])];
  }

  async add(id: string, value: string): Promise<void> {
    const bytes = Buffer.from(value);
    await put(this.#places, `${JSON.stringify({ id, place: this.#end, bytes: bytes.length })}\n`);
    await put(this.#texts, bytes);
    this.#end += bytes.length;
  }

  /** All texts by id, and of one id in the order in which they came; then the files are gone. */
  inOrder(selection: Selection): AsyncGenerator<readonly string[]> {
    return this.#read(selection, (from) => `SELECT place::DOUBLE AS place, bytes FROM ${from} ORDER BY id, place`);
  }

  /** The first text of each id, in the order in which they came; then the files are gone. */
  first(selection: Selection): AsyncGenerator<readonly string[]> {
    const grouped = 'SELECT min(place)::DOUBLE AS place, arg_min(bytes, place) AS bytes';
    return this.#read(selection, (from) => `SELECT * FROM (${grouped} FROM ${from} GROUP BY id) ORDER BY place`);
  }

  async *#read(selection: Selection, sql: (from: string) => string): AsyncGenerator<readonly string[]> {
    for (const stream of [this.#texts, this.#places]) {
      stream.end();
      await once(stream, 'close');
    }
    const [texts, places] = this.#paths;
    const columns = "{id: 'VARCHAR', place: 'BIGINT', bytes: 'INTEGER'}";
    const from = `read_json(${text(places)}, format = 'newline_delimited', columns = ${columns})`;
    await using file = await open(texts);
    const read = async ({ place, bytes }: Readonly<Record<string, unknown>>): Promise<string> => {
      const { buffer } = await file.read(Buffer.allocUnsafe(Number(bytes)), 0, Number(bytes), Number(place));
      return textOf(buffer);
    };
    for await (const rows of selection.stream(sql(from)))
      for (let start = 0; start < rows.length; start += together)
        yield await Promise.all(rows.slice(start, start + together).map(read));
    for (const path of this.#paths) await rm(path);
  }
}

async function put(stream: WriteStream, what: string | Buffer): Promise<void> {
  if (!stream.write(what)) await once(stream, 'drain');
}
