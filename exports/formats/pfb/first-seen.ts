import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
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
  #waiting: WriteStream | null = null;

  /**
   * @param file that doesn't exist yet
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
      } else await this.#keep(entity);
    }
    return first;
  }

  async #keep({ id, ...rest }: SeenEntity): Promise<void> {
    this.#waiting ??= createWriteStream(this.#file);
    const line = `${JSON.stringify({ id, rest: JSON.stringify(rest) })}\n`;
    if (!this.#waiting.write(line)) await once(this.#waiting, 'drain');
  }

  /** Entities that were kept, each once, by id. */
  async *kept(selection: Selection): AsyncGenerator<readonly SeenEntity[]> {
    if (this.#waiting === null) return;
    this.#waiting.end();
    await once(this.#waiting, 'close');
    const from = `read_json(${text(this.#file)}, format = 'newline_delimited', columns = {id: 'VARCHAR', rest: 'VARCHAR'}, maximum_object_size = ${2 ** 28})`;
    const sql = `SELECT id, rest FROM (SELECT *, row_number() OVER (PARTITION BY id ORDER BY rest) AS n FROM ${from})
      WHERE n = 1 ORDER BY id`;
    for await (const rows of selection.stream(sql))
      yield rows.map(({ id, rest }) => ({ id: String(id), ...(JSON.parse(String(rest)) as Omit<SeenEntity, 'id'>) }));
    await rm(this.#file);
  }
}
