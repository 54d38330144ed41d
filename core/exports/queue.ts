import type { Records } from '../runtime/ports.ts';

/** A place in the queue: a key, and the attempt that is to be made of it. */
export interface Queued {
  readonly hash: string;
  /** of the attempt, from 1 */
  readonly number: number;
  /** pseudonym of who asked for it */
  readonly caller: string;
  /** when that was, milliseconds since the epoch */
  readonly at: number;
}

/** Of records of places. */
export const queueFolder = '_exports/queue/';
const digits = 8;
const pattern = /^([\w-]{43})\.(\d{8})\.([\w-]{1,40})\.(\d{1,16})$/;

/**
 * Exports that wait for a worker or are worked on, as records whose keys say everything: to list them is to know them. One
 * attempt may be there twice where two asked for it at the same time; it is claimed once.
 */
export class Queue {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** In no particular order. */
  async all(): Promise<readonly Queued[]> {
    return this.#list(queueFolder);
  }

  async has(hash: string, number: number): Promise<boolean> {
    return (await this.#list(prefixOf(hash, number))).length > 0;
  }

  async add(place: Queued): Promise<void> {
    await this.#records.put(keyOf(place), new Uint8Array());
  }

  /** Everything about an attempt. */
  async remove(hash: string, number: number): Promise<void> {
    for (const place of await this.#list(prefixOf(hash, number))) await this.#records.delete(keyOf(place));
  }

  async #list(prefix: string): Promise<readonly Queued[]> {
    const found: Queued[] = [];
    for await (const key of this.#records.list(prefix)) found.push(...parsed(key));
    return found;
  }
}

const prefixOf = (hash: string, number: number): string =>
  `${queueFolder}${hash}.${String(number).padStart(digits, '0')}.`;

const keyOf = ({ hash, number, caller, at }: Queued): string => `${prefixOf(hash, number)}${caller}.${at}`;

function parsed(key: string): readonly Queued[] {
  const [, hash, number, caller, at] = pattern.exec(key.slice(queueFolder.length)) ?? [];
  if (hash === undefined || caller === undefined) return [];
  return [{ hash, number: Number(number), caller, at: Number(at) }];
}
