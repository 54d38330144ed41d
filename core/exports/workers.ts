import { z } from 'zod';
import { jsonBytes, jsonOrNothing } from '../config/text.ts';
import type { Records } from '../runtime/ports.ts';

const presenceSchema = z.strictObject({
  /** when it said so, milliseconds since the epoch */
  at: z.int(),
  /** jobs that it works on */
  running: z.int().min(0),
});
export type Presence = z.output<typeof presenceSchema>;

/** Between two reports of a worker, in milliseconds. */
export const presenceMillis = 5_000;
/** A worker that has told nothing for so long has stopped, or can't tell. */
const silentMillis = 30_000;

/** Of records of presence. */
export const workersFolder = '_exports/workers/';

/** Export workers tell that they are there; any number of them may be. */
export class Workers {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  async tell(worker: string, presence: Presence): Promise<void> {
    await this.#records.put(keyOf(worker), jsonBytes(presence));
  }

  async leave(worker: string): Promise<void> {
    await this.#records.delete(keyOf(worker));
  }

  /** Those that were heard of a moment before a time, by name. */
  async heard(now: number): Promise<ReadonlyMap<string, Presence>> {
    const all = await this.all();
    return new Map([...all].filter(([, { at }]) => now - at <= silentMillis));
  }

  /** Those too that ended without a word. */
  async all(): Promise<ReadonlyMap<string, Presence>> {
    const found = new Map<string, Presence>();
    for await (const key of this.#records.list(workersFolder)) {
      const value = await this.#records.get(key);
      const presence = value === null ? undefined : presenceSchema.safeParse(jsonOrNothing(value)).data;
      if (presence !== undefined) found.set(key.slice(workersFolder.length).replace(/\.json$/, ''), presence);
    }
    return found;
  }
}

const keyOf = (worker: string): string => `${workersFolder}${worker}.json`;
