import { z } from 'zod';
import { jsonLine, parsedJson } from '../config/text.ts';
import type { ObjectStore } from '../runtime/ports.ts';

/** Sources by a glob of ids or specs, bundles by the beginning of their uuid (specification, indexing 4.5). */
export const restrictionSchema = z.strictObject({
  source: z.string().min(1).max(256).nullable().default(null).meta({
    description: 'Glob of ids or specs of sources, with * and ?; null: all sources.',
  }),
  prefix: z
    .string()
    .regex(/^[0-9a-f]{0,8}$/, 'must be at most 8 hex digits, in lower case')
    .default('')
    .meta({ description: 'Hex digits with which the uuids of the bundles begin; empty: all bundles.' }),
});
export type AskedRestriction = z.output<typeof restrictionSchema>;

/** What a run wants staged: what a restriction allows, but for sources that were staged as a whole and haven't changed. */
const wantedSchema = restrictionSchema.extend({
  whole: z.array(z.strictObject({ source: z.string(), spec: z.string() })).default([]),
});
export type Wanted = z.output<typeof wantedSchema>;

/** What a repository reads at present that takes long, by source. */
export const readingsSchema = z.array(
  z.strictObject({
    source: z.string(),
    table: z.string().nullable(),
    rows: z.int().nullable(),
    done: z.int(),
    of: z.int(),
  }),
);
type Readings = z.output<typeof readingsSchema>;

/** How far a source is: bundles that the repository lists, that were dealt with, and that were given up among these. */
export const restagedSourceSchema = z.strictObject({
  source: z.string(),
  expected: z.int(),
  done: z.int(),
  failed: z.int(),
});

const progressSchema = z.strictObject({
  phase: z.enum(['listing', 'staging', 'staged']),
  /** why it doesn't go on; null where it does */
  problem: z.string().nullable(),
  sources: z.array(restagedSourceSchema.extend({ spec: z.string() })),
  /** ids of sources that the repository has and that aren't read, as they haven't changed */
  unchanged: z.array(z.string()).default([]),
  /** what is listed at a time, in this order */
  units: z.array(z.strictObject({ source: z.string(), prefix: z.string() })),
  /** up to where it is done: a unit, and a uuid in the order of which its bundles are staged */
  position: z.strictObject({ unit: z.int(), uuid: z.string() }),
  /** batches that were staged aside */
  batches: z.array(z.string()),
  /** what was given up, by reason */
  failures: z.record(z.string(), z.int()),
  /** bundles that the repository lists and that were given up: they stay as they are */
  kept: z.array(z.strictObject({ source: z.string(), uuid: z.string() })),
});
export type RestagingProgress = z.output<typeof progressSchema>;

const sinceSchema = z.strictObject({ since: z.iso.datetime() });
const batchSchema = z.strictObject({ batch: z.string() });

/** The mark of a run by which batches are known that are staged aside for it. */
export const markOf = (run: string): string => run.slice(-6);

/**
 * What a run of a catalog wants staged from the repository, and how far that is: objects `<catalog>/restagings/<run>/…`
 * beside the staged batches. Transform asks for it and withdraws it; ingest reports when it began, and how far it is.
 */
export class Restagings {
  readonly #objects: ObjectStore;
  readonly #folder: string;

  constructor(objects: ObjectStore, catalog: string) {
    this.#objects = objects;
    this.#folder = `${catalog}/restagings/`;
  }

  /** Ids of all runs that want it, or have left anything. */
  async all(): Promise<readonly string[]> {
    const runs = new Set<string>();
    for await (const key of this.#objects.list(this.#folder))
      runs.add(key.slice(this.#folder.length).split('/')[0] ?? '');
    return [...runs];
  }

  /** Asks for it, once. */
  async want(run: string, { source, prefix, whole }: z.input<typeof wantedSchema>): Promise<void> {
    await this.#objects.putIfAbsent(this.#key(run, 'wanted'), jsonLine({ source, prefix, whole }));
  }

  /** @returns null where nobody wants it, or nobody any more */
  wanted(run: string): Promise<Wanted | null> {
    return this.#read(run, 'wanted', wantedSchema);
  }

  /**
   * When it began, in milliseconds since the epoch: who says so first decides. What is staged later is of notifications
   * that the repository may not show yet.
   */
  async begin(run: string, now: number): Promise<number> {
    await this.#objects.putIfAbsent(this.#key(run, 'begun'), jsonLine({ since: new Date(now).toISOString() }));
    return (await this.since(run)) ?? now;
  }

  /** @returns null where it has not begun */
  async since(run: string): Promise<number | null> {
    const begun = await this.#read(run, 'begun', sinceSchema);
    return begun === null ? null : Date.parse(begun.since);
  }

  async report(run: string, progress: RestagingProgress): Promise<void> {
    await this.#objects.put(this.#key(run, 'progress'), jsonLine(progress));
  }

  /** @returns null where none was reported */
  progress(run: string): Promise<RestagingProgress | null> {
    return this.#read(run, 'progress', progressSchema);
  }

  /** What is being read now: an object of its own, as it is reported while other work goes on. */
  async reportReading(run: string, reading: Readings): Promise<void> {
    await this.#objects.put(this.#key(run, 'reading'), jsonLine(reading));
  }

  async reading(run: string): Promise<Readings> {
    return (await this.#read(run, 'reading', readingsSchema)) ?? [];
  }

  /**
   * The id of the one batch that may make the set count: who says so first decides.
   *
   * @param batch absent: it is only asked for
   * @returns null where nobody has decided
   */
  async replacement(run: string, batch?: string): Promise<string | null> {
    if (batch !== undefined) await this.#objects.putIfAbsent(this.#key(run, 'replacement'), jsonLine({ batch }));
    return (await this.#read(run, 'replacement', batchSchema))?.batch ?? null;
  }

  /** Nobody wants it any more: what was staged aside doesn't count, unless it was admitted. */
  async withdraw(run: string): Promise<void> {
    for (const what of ['wanted', 'begun', 'progress', 'reading', 'replacement'] as const)
      await this.#objects.delete(this.#key(run, what));
  }

  async #read<T>(run: string, what: What, schema: z.ZodType<T>): Promise<T | null> {
    const bytes = await this.#objects.get(this.#key(run, what));
    return bytes === null ? null : schema.parse(parsedJson(bytes));
  }

  #key(run: string, what: What): string {
    return `${this.#folder}${run}/${what}.json`;
  }
}

type What = 'wanted' | 'begun' | 'progress' | 'reading' | 'replacement';
