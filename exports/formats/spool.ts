import { once } from 'node:events';
import { closeSync, createReadStream, createWriteStream, openSync, readSync, type WriteStream } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { textOf } from '../../core/config/text.ts';
import { text } from '../../core/duckdb/sql.ts';
import { numberOf, type Selection } from './format.ts';

/** Bytes that wait to be read or written. */
const highWaterMark = 2 ** 20;
/** Texts, and bytes of them, that are read at a time. */
const together = { texts: 128, bytes: 2 ** 22 };

const placesOf = (file: string): string => `${file}.places`;

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
    await put(this.#places, `${id}\t${this.#end}\t${bytes.length}\n`);
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
    yield* readPlaces(
      selection,
      this.#file,
      (from) => `SELECT * FROM (${grouped} FROM ${from} GROUP BY id) ORDER BY place`,
    );
  }
}

/** Rows as texts: what they are ordered by, and what they are. */
export interface Ordered {
  /** SQL of text without tabs and line breaks; rows of the same one come in any order */
  readonly id: string;
  /** SQL of text */
  readonly value: string;
  /** SQL of rows; of a join the second side is kept in memory */
  readonly from: string;
  /** whether values are so costly to make that only one thread at a time has room for that */
  readonly isWide?: boolean;
  /** whether texts of the same id are the same, and one is enough */
  readonly isDistinct?: boolean;
}

/** With what texts are put in order. */
type Statements = Pick<Selection, 'run' | 'stream'>;

/**
 * Texts in the order of ids, in constant memory: DuckDB can't sort rows that it has no room for, and what it hands over stays
 * in memory until garbage is collected, so it writes them to a file.
 *
 * @param file that doesn't exist yet; gone afterwards
 */
export async function* inOrder(
  selection: Statements,
  { id, value, from, isWide = false, isDistinct = false }: Ordered,
  file: string,
): AsyncGenerator<readonly Buffer[]> {
  await sparingly(selection, isWide, () =>
    selection.run(`COPY (SELECT concat(id, chr(9), strlen(value), chr(9), value) AS line
      FROM (SELECT ${id} AS id, coalesce(${value}, '') AS value FROM ${from}))
    TO ${text(file)} (FORMAT csv, HEADER false, DELIMITER '\t', QUOTE '', ESCAPE '', NEW_LINE '\\n')`),
  );
  await writeFile(placesOf(file), placeLines(file));
  const each = isDistinct ? 'SELECT id, min(place) AS place, any_value(bytes) AS bytes FROM' : 'FROM';
  yield* readPlaces(
    selection,
    file,
    (places) => `SELECT place::DOUBLE AS place, bytes::INTEGER AS bytes
      FROM (${each} ${places} ${isDistinct ? 'GROUP BY id' : ''}) ORDER BY id, place`,
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

/** What orders documents, and the rows of one by number. */
export const documentOrder = (part: string): string => `concat(entity_id, chr(1), lpad((${part})::VARCHAR, 9, '0'))`;

const tab = 9;

/** Finds texts behind their ids and lengths. */
async function* placeLines(file: string): AsyncGenerator<string> {
  let [at, skip] = [0, 0];
  let begun: Buffer[] = [];
  for await (const chunk of createReadStream(file, { highWaterMark }) as AsyncIterable<Buffer>) {
    const lines: string[] = [];
    let from = Math.min(skip, chunk.length);
    skip -= from;
    while (from < chunk.length) {
      const first = begun.length === 0 ? chunk.indexOf(tab, from) : -1;
      const second = first === -1 ? -1 : chunk.indexOf(tab, first + 1);
      if (second === -1) {
        // Id and length are in two chunks.
        const rest = Buffer.concat([...begun, chunk.subarray(from)]);
        const end = rest.indexOf(tab, rest.indexOf(tab) + 1);
        if (rest.indexOf(tab) === -1 || end === -1) {
          begun = [rest];
          break;
        }
        const [head, before] = [rest.subarray(0, end), rest.length - (chunk.length - from)];
        from += end - before + 1;
        begun = [];
        skip = pushLine(lines, textOf(head), at + from);
      } else {
        const head = textOf(chunk.subarray(from, second));
        from = second + 1;
        skip = pushLine(lines, head, at + from);
      }
      const passed = Math.min(skip, chunk.length - from);
      from += passed;
      skip -= passed;
    }
    at += chunk.length;
    yield lines.join('');
  }
}

/** @returns bytes of the text and the end of its line */
function pushLine(lines: string[], head: string, place: number): number {
  const split = head.indexOf('\t');
  const bytes = head.slice(split + 1);
  lines.push(`${head.slice(0, split)}\t${place}\t${bytes}\n`);
  return Number(bytes) + 1;
}

/** Texts at places that SQL gives, in its order; then the files are gone. */
async function* readPlaces(
  selection: Statements,
  texts: string,
  sql: (from: string) => string,
): AsyncGenerator<readonly Buffer[]> {
  const columns = "{id: 'VARCHAR', place: 'BIGINT', bytes: 'BIGINT'}";
  const from = `read_csv(${text(placesOf(texts))}, columns = ${columns}, header = false, delim = '\t', quote = '', escape = '', nullstr = '\u0001null', auto_detect = false)`;
  const file = openSync(texts, 'r');
  try {
    let [some, bytes]: [Buffer[], number] = [[], 0];
    for await (const rows of selection.stream(sql(from))) {
      for (const row of rows) {
        // Mostly from the memory of the system, where waiting costs more than reading.
        const buffer = Buffer.allocUnsafe(Number(row.bytes));
        readSync(file, buffer, 0, buffer.length, Number(row.place));
        some.push(buffer);
        bytes += buffer.length;
        if (some.length < together.texts && bytes < together.bytes) continue;
        yield some;
        [some, bytes] = [[], 0];
      }
    }
    if (some.length > 0) yield some;
  } finally {
    closeSync(file);
  }
  for (const path of [texts, placesOf(texts)]) await rm(path);
}

async function put(stream: WriteStream, what: string | Buffer): Promise<void> {
  if (!stream.write(what)) await once(stream, 'drain');
}
