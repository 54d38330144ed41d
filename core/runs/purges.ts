import { z } from 'zod';
import { jsonBytes, parsedJson } from '../config/text.ts';
import type { Clock, ObjectStore } from '../runtime/ports.ts';
import { isRested } from '../runtime/rest.ts';

const purgeSchema = z.strictObject({ until: z.int() });
const key = '_purged/notifications.json';
/** How long an answer may be used. */
const freshMillis = 1000;

/**
 * Notifications that an operator has thrown away: all that had arrived by a time. The time is an object beside the
 * staged batches, so it holds for all workers and over restarts, whatever they have read. No catalog's name begins with `_`.
 */
export class Purges {
  readonly #objects: ObjectStore;
  readonly #clock: Pick<Clock, 'now'>;
  #known = { at: Number.NEGATIVE_INFINITY, until: 0 };

  constructor(objects: ObjectStore, clock: Pick<Clock, 'now'>) {
    this.#objects = objects;
    this.#clock = clock;
  }

  /** @returns milliseconds since the epoch, as of the last second; 0 where nothing was ever thrown away */
  async until(): Promise<number> {
    const at = this.#clock.now();
    if (isRested({ since: this.#known.at, millis: freshMillis }, at)) {
      const value = await this.#objects.get(key);
      const until = value === null ? 0 : purgeSchema.parse(parsedJson(value)).until;
      this.#known = { at, until };
    }
    return this.#known.until;
  }

  /** Throws away what has arrived by now. @returns the time */
  async purge(): Promise<number> {
    const until = this.#clock.now();
    await this.#objects.put(key, jsonBytes({ until }));
    return until;
  }
}
