import { z } from 'zod';
import type { ObjectStore } from '../../streams/ports.ts';

/** A build of a generation, as operators see it. Times are RFC 3339. */
export const runSchema = z.strictObject({
  /** in the order of time */
  id: z.string().regex(/^[\dTZ]+-[\da-f]{6}$/),
  catalog: z.string(),
  /** who wanted it: an operator, or a worker that found no generation that it could go on with */
  kind: z.enum(['reindex', 'take-over']),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  /** the one that is, or was, built */
  generation: z.int().positive(),
  /** how often it was begun, or gone on with after its worker had ended */
  attempts: z.int().positive(),
  started: z.iso.datetime(),
  ended: z.iso.datetime().nullable(),
  documents: z.strictObject({ expected: z.int(), done: z.int() }),
  /** why it failed */
  failure: z.string().nullable(),
});
export type Run = z.output<typeof runSchema>;

/** More are not kept. */
const most = 100;

/** The runs of a catalog as objects `<catalog>/runs/<id>.json`, beside the staged batches. */
export class RunRecords {
  readonly #objects: ObjectStore;
  readonly #folder: string;

  constructor(objects: ObjectStore, catalog: string) {
    this.#objects = objects;
    this.#folder = `${catalog}/runs/`;
  }

  async put(run: Run): Promise<void> {
    await this.#objects.put(this.#key(run.id), new TextEncoder().encode(`${JSON.stringify(run)}\n`));
  }

  /** @returns the latest first */
  async all(): Promise<readonly Run[]> {
    const keys: string[] = [];
    for await (const key of this.#objects.list(this.#folder)) keys.unshift(key);
    const values = await Promise.all(keys.slice(0, most).map((key) => this.#objects.get(key)));
    return values.flatMap((value) =>
      value === null ? [] : [runSchema.parse(JSON.parse(new TextDecoder().decode(value)))],
    );
  }

  /** Deletes those that are too many. */
  async forgetOld(): Promise<void> {
    const keys: string[] = [];
    for await (const key of this.#objects.list(this.#folder)) keys.push(key);
    for (const key of keys.slice(0, Math.max(0, keys.length - most))) await this.#objects.delete(key);
  }

  #key(id: string): string {
    return `${this.#folder}${id}.json`;
  }
}
