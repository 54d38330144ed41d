import { parsedJson } from '../../../core/config/text.ts';
import type { Selection } from '../format.ts';
import { Spool } from '../spool.ts';

/** An inner entity that several documents may have. */
export interface SeenEntity {
  readonly id: string;
  readonly table: string;
  /** in natural JSON */
  readonly entity: Readonly<Record<string, unknown>>;
}

/** Ids in memory, of about 100 bytes each. */
export const maxRemembered = 100_000;

/**
 * Gives each entity once, whatever the number of entities: as many ids as fit are in memory, entities beyond them wait in a
 * file, and come at the end.
 */
export class FirstSeen {
  readonly #seen = new Set<string>();
  readonly #most: number;
  readonly #file: string;
  #waiting: Spool | null = null;

  /**
   * @param file where entities wait
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
        this.#waiting ??= new Spool(this.#file);
        await this.#waiting.add(entity.id, JSON.stringify(entity));
      }
    }
    return first;
  }

  /** Entities that wait, each once, in the order in which they were met first. */
  async *rest(selection: Selection): AsyncGenerator<readonly SeenEntity[]> {
    if (this.#waiting === null) return;
    for await (const some of this.#waiting.first(selection)) yield some.map((one) => parsedJson(one) as SeenEntity);
  }
}
