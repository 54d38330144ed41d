import type { Json } from '../../../../core/model/json.ts';
import { invalid, show } from '../invalid.ts';
import { isActivity } from '../schema.ts';
import { isObject, type JsonObject, type Row } from './row.ts';

/** How rows were made from each other: their numbers. */
export interface Link {
  readonly inputs: readonly number[];
  readonly activity: number | null;
  readonly outputs: readonly number[];
}

/**
 * Reads the links of a bundle (specification, plugin-anvil 1).
 *
 * @param numbers of the rows, by their keys
 * @param place how errors name the links
 * @throws LazuliError `bundle_invalid` where they are malformed, dangle, or have activities at their ends
 */
export function readLinks(
  links: Json | undefined,
  rows: readonly Row[],
  numbers: ReadonlyMap<string, number>,
  place: string,
): readonly Link[] {
  if (!Array.isArray(links)) throw wrong(place, '', `The links of the bundle are no list: ${show(links)}`);
  const ends = new Ends(rows, numbers, place);
  return links.map((link: Json, i) => {
    if (!isObject(link)) throw wrong(place, String(i), `'${i}' is no object: ${show(link)}`);
    return {
      inputs: ends.list(link, 'inputs', i),
      activity: ends.activity(link, i),
      outputs: ends.list(link, 'outputs', i),
    };
  });
}

class Ends {
  readonly #rows: readonly Row[];
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #place: string;

  constructor(rows: readonly Row[], numbers: ReadonlyMap<string, number>, place: string) {
    this.#rows = rows;
    this.#numbers = numbers;
    this.#place = place;
  }

  list(link: JsonObject, end: 'inputs' | 'outputs', i: number): readonly number[] {
    const keys = link[end];
    const field = `${i}.${end}`;
    if (!Array.isArray(keys)) throw wrong(this.#place, field, `'${field}' is no list: ${show(keys)}`);
    const numbers = keys.map((key: Json, j) => {
      const number = this.#number(key, `${field}.${j}`);
      if (this.#isActivity(number))
        throw wrong(this.#place, `${field}.${j}`, `'${field}.${j}' is an activity: ${show(key)}`);
      return number;
    });
    return [...new Set(numbers)];
  }

  activity({ activity: key = null }: JsonObject, i: number): number | null {
    if (key === null) return null;
    const field = `${i}.activity`;
    const number = this.#number(key, field);
    if (!this.#isActivity(number)) throw wrong(this.#place, field, `'${field}' is no activity: ${show(key)}`);
    return number;
  }

  #number(key: Json, field: string): number {
    const number = typeof key === 'string' ? this.#numbers.get(key) : undefined;
    if (number !== undefined) return number;
    throw wrong(this.#place, field, `'${field}' names no entity of the bundle: ${show(key)}`);
  }

  #isActivity(number: number): boolean {
    return isActivity((this.#rows[number] as Row).table);
  }
}

const wrong = (place: string, field: string, message: string) =>
  invalid(place, field, message, 'Correct the links: each has inputs, outputs, and an activity or null.');
