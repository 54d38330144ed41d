import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { parsedJson } from '../../../core/config/text.ts';
import { text } from '../../../core/duckdb/sql.ts';
import type { Selection } from '../format.ts';

/** An inner entity that several documents may have. */
export interface SeenEntity {
  readonly id: string;
  readonly table: string;
  /** in natural JSON */
  readonly entity: Readonly<Record<string, unknown>>;
}

/** Ids in memory, of about 100 bytes each. */
export const maxRemembered = 500_000;

/**
 * Gives each entity once, whatever the number of entities: as many ids as fit are in memory, entities beyond them wait in a
 * file, and come at the end.
 */
export class FirstSeen {
  readonly #seen = new Set<string>();
  readonly #most: number;
  readonly #file: string;
  #waiting: Waiting | null = null;

  /**
   * @param file that doesn't exist yet, and neither do those whose names begin like its own
   * @param most ids that are kept in memory
   */
  constructor(file: string, most = maxRemembered) {
    this.#file = file;
    this.#most = most;
  }

  /** @returns those that are to be written now */
  async first(entities: readonly SeenEntity[]): Promise<readonly SeenEntity[]> {
    const first: SeenEntity[] = [];
    for (const entity of entities) {
      if (this.#seen.has(entity.id)) continue;
      if (this.#seen.size < this.#most) {
        this.#seen.add(entity.id);
        first.push(entity);
      } else {
        this.#waiting ??= new Waiting(this.#file);
        await this.#waiting.add(entity);
      }
    }
    return first;
  }

  /** Entities that were kept, each once, in the order in which they were met first. */
  async *kept(selection: Selection): AsyncGenerator<SeenEntity> {
    if (this.#waiting !== null) yield* this.#waiting.all(selection);
  }
}

/** Entities in a file, and where each of them begins in another one. */
class Waiting {
  readonly #paths: readonly [entities: string, places: string];
  readonly #entities: WriteStream;
  readonly #places: WriteStream;
  #end = 0;

  constructor(file: string) {
    this.#paths = [file, `${file}.places`];
    [this.#entities, this.#places] = [createWriteStream(file), createWriteStream(this.#paths[1])];
  }

  async add(entity: SeenEntity): Promise<void> {
    const bytes = Buffer.from(JSON.stringify(entity));
    await put(this.#places, `${JSON.stringify({ id: entity.id, place: this.#end, bytes: bytes.length })}\n`);
    await put(this.#entities, bytes);
    this.#end += bytes.length;
  }

  async *all(selection: Selection): AsyncGenerator<SeenEntity> {
    for (const stream of [this.#entities, this.#places]) {
      stream.end();
      await once(stream, 'close');
    }
    const [entities, places] = this.#paths;
    const from = `read_json(${text(places)}, format = 'newline_delimited', columns = {id: 'VARCHAR', place: 'BIGINT', bytes: 'INTEGER'})`;
    const first = `SELECT min(place)::DOUBLE AS start, arg_min(bytes, place) AS bytes FROM ${from} GROUP BY id ORDER BY start`;
    await using file = await open(entities);
    for await (const rows of selection.stream(first)) {
      for (const { start, bytes } of rows) {
        const { buffer } = await file.read(Buffer.alloc(Number(bytes)), 0, Number(bytes), Number(start));
        yield parsedJson(buffer) as SeenEntity;
      }
    }
    for (const path of this.#paths) await rm(path);
  }
}

async function put(stream: WriteStream, what: string | Buffer): Promise<void> {
  if (!stream.write(what)) await once(stream, 'drain');
}
