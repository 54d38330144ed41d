import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { type DuckDBConnection, DuckDBDataChunk, INTEGER } from '@duckdb/node-api';
import { textOf } from '../../../core/config/text.ts';
import { text } from '../../../core/duckdb/sql.ts';
import { columnsOf } from './database.ts';

/** What stands after each text: such texts one after the other are members of an object, or of a list. */
export const separator = ',\n';
/** Rows that DuckDB takes at a time. */
const together = 2048;

/** The texts of all nodes of a snapshot, each once, in a file without a name: it is gone once it is closed. */
export class TextsFile {
  readonly #file: number;
  /** by node, where it is in the order of the file */
  readonly places: Int32Array;
  /** by slot and node: where its text begins, how many bytes it has, and how many of these are its head */
  readonly #starts: Float64Array;
  readonly #bytes: Int32Array;
  readonly #heads: Int32Array;
  /** the slot after the last one is for problems */
  readonly #slots: number;

  private constructor(file: number, places: Int32Array, slots: number, { starts, bytes, heads }: Extents) {
    this.#file = file;
    this.#slots = slots;
    this.places = places;
    this.#starts = starts;
    this.#bytes = bytes;
    this.#heads = heads;
  }

  /** Writes the tables `texts` and `problems`. @param order of nodes: texts of neighbours are often read together */
  static async write(connection: DuckDBConnection, path: string, order: Int32Array, slots: number): Promise<TextsFile> {
    const places = new Int32Array(order.length);
    for (const [place, node] of order.entries()) places[node] = place;
    await connection.run('CREATE TABLE places (node INTEGER, place INTEGER)');
    await append(connection, 'places', places);
    await connection.run(`INSERT INTO texts SELECT node, ${slots}, 0, min(problem) FROM problems GROUP BY node`);
    await connection.run(`COPY (SELECT text || ',' FROM texts JOIN places USING (node) ORDER BY slot, place)
      TO ${text(path)} (FORMAT csv, DELIMITER '\t', QUOTE '', ESCAPE '', HEADER false)`);
    const extents = await extentsOf(connection, order, slots + 1);
    const file = openSync(path, 'r');
    unlinkSync(path);
    const { size } = fstatSync(file);
    if (size === extents.size) return new TextsFile(file, places, slots, extents);
    closeSync(file);
    throw new Error(`The texts of the snapshot have ${size} bytes, where ${extents.size} were expected`);
  }

  /** The text of a node in a slot: 0 bytes where there is none. */
  whole(slot: number, node: number): Extent {
    const at = slot * this.places.length + node;
    return { start: this.#starts[at] ?? 0, bytes: this.#bytes[at] ?? 0 };
  }

  /** Why no bundle can have a node; null where bundles can. */
  problemOf(node: number): string | null {
    const extent = this.whole(this.#slots, node);
    if (extent.bytes === 0) return null;
    const bytes = Buffer.alloc(extent.bytes);
    this.read(bytes, 0, extent);
    return textOf(bytes);
  }

  /** What it begins with. */
  head(slot: number, node: number): Extent {
    const at = slot * this.places.length + node;
    return { start: this.#starts[at] ?? 0, bytes: this.#heads[at] ?? 0 };
  }

  /** At once, as the system has it in memory: to wait for each would take ten times as long. */
  read(into: Buffer, at: number, { start, bytes }: Extent): void {
    for (let done = 0; done < bytes; ) {
      const read = readSync(this.#file, into, at + done, bytes - done, start + done);
      if (read === 0) throw new RangeError('The texts of the snapshot end early');
      done += read;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}

export interface Extent {
  readonly start: number;
  readonly bytes: number;
}

interface Extents {
  readonly starts: Float64Array;
  readonly bytes: Int32Array;
  readonly heads: Int32Array;
  /** of the file */
  readonly size: number;
}

async function extentsOf(connection: DuckDBConnection, order: Int32Array, slots: number): Promise<Extents> {
  const bytes = new Int32Array(slots * order.length);
  const heads = new Int32Array(slots * order.length);
  const starts = new Float64Array(slots * order.length);
  const lengths = columnsOf(connection, 'SELECT node, slot, strlen(text)::INTEGER, head FROM texts');
  for await (const [nodes = [], ofSlots = [], lengthsOf = [], headsOf = []] of lengths) {
    for (let i = 0; i < nodes.length; i++) {
      const at = Number(ofSlots[i]) * order.length + Number(nodes[i]);
      bytes[at] = Number(lengthsOf[i]);
      heads[at] = Number(headsOf[i]);
    }
  }
  let size = 0;
  for (let slot = 0; slot < slots; slot++) {
    for (const node of order) {
      const at = slot * order.length + node;
      if (bytes[at] === 0) continue;
      starts[at] = size;
      size += (bytes[at] ?? 0) + separator.length;
    }
  }
  return { starts, bytes, heads, size };
}

/** Numbers with their places. */
async function append(connection: DuckDBConnection, table: string, values: Int32Array): Promise<void> {
  const appender = await connection.createAppender(table);
  for (let start = 0; start < values.length; start += together) {
    const some = [...values.subarray(start, start + together)];
    const chunk = DuckDBDataChunk.create([INTEGER, INTEGER], some.length);
    chunk.setColumns([some.map((_, i) => start + i), some]);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}
