import { z } from 'zod';
import type { ObjectStore } from '../../streams/ports.ts';

/** How far a run is with the documents of a source; one of several sources counts for each. */
const sourceSchema = z.strictObject({
  source: z.string(),
  expected: z.int(),
  computed: z.int(),
  written: z.int(),
  /** compared with the store, at the end and all at once */
  verified: z.int(),
});

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
  /** the first thousand */
  sources: z.array(sourceSchema).default([]),
  /** documents a second since it was begun or gone on with; null where that can't be told yet */
  rate: z.number().nullable().default(null),
  /** when all will be written; null where that can't be told, and when it has ended */
  eta: z.iso.datetime().nullable().default(null),
  /** work of this stage that was given up since the run began: dead letters by reason */
  failures: z.record(z.string(), z.int()).default({}),
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
  readonly #onDamaged: (key: string) => void;

  /** @param onDamaged told of an object that is no record */
  constructor(objects: ObjectStore, catalog: string, onDamaged: (key: string) => void) {
    this.#objects = objects;
    this.#onDamaged = onDamaged;
    this.#folder = `${catalog}/runs/`;
  }

  async put(run: Run): Promise<void> {
    await this.#objects.put(this.#key(run.id), new TextEncoder().encode(`${JSON.stringify(run)}\n`));
  }

  /** @returns the latest first */
  async all(): Promise<readonly Run[]> {
    const keys: string[] = [];
    for await (const key of this.#objects.list(this.#folder)) keys.unshift(key);
    const read = await Promise.all(keys.slice(0, most).map((key) => this.#read(key)));
    return read.filter((run) => run !== null);
  }

  /** Deletes those that are too many. */
  async forgetOld(): Promise<void> {
    const keys: string[] = [];
    for await (const key of this.#objects.list(this.#folder)) keys.push(key);
    for (const key of keys.slice(0, Math.max(0, keys.length - most))) await this.#objects.delete(key);
  }

  async #read(key: string): Promise<Run | null> {
    const value = await this.#objects.get(key);
    if (value === null) return null;
    const { data } = runSchema.safeParse(parsed(value));
    if (data === undefined) this.#onDamaged(key);
    return data ?? null;
  }

  #key(id: string): string {
    return `${this.#folder}${id}.json`;
  }
}

/** @returns undefined for what is no JSON */
function parsed(value: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(value));
  } catch {
    return undefined;
  }
}
