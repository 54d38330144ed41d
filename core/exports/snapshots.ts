import { z } from 'zod';
import { jsonLine, jsonOrNothing } from '../config/text.ts';
import type { ObjectStore } from '../runtime/ports.ts';

/**
 * Published states of the documents of a catalog, beside its staged batches: Parquet files (`document-rows.ts`) and, written
 * last, a manifest that says which of them are together a state. Nothing of it ever changes; the newest manifest counts.
 */
const layoutVersion = 1;

const fileSchema = z.strictObject({
  key: z.string().min(1).max(1024),
  rows: z.int().nonnegative(),
  bytes: z.int().nonnegative(),
  /** of the bytes; absent in snapshots from before there were sums */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  /** sum of `hash` of its rows, in decimal digits: exact, unlike a number of JSON */
  hashes: z
    .string()
    .regex(/^\d{1,30}$/)
    .optional(),
});
export type SnapshotFile = z.output<typeof fileSchema>;

const typeSchema = z.strictObject({
  /** rows of documents as a build made them; newer rows of the same entity are in `deltas` */
  base: z.array(fileSchema),
  deltas: z.array(fileSchema),
});
export type SnapshotOfType = z.output<typeof typeSchema>;

/** Where the snapshots of a catalog are. */
export const snapshotsFolder = (catalog: string): string => `${catalog}/snapshots/`;

/** Folders in it: what a snapshot consists of, Parquet files, and who needs which. */
export const snapshotFolders = { manifests: 'manifests/', files: 'files/', claims: 'claims/' } as const;

export const snapshotSchema = z.strictObject({
  layout: z.literal(layoutVersion),
  catalog: z.string(),
  number: z.int().positive(),
  /** of the worker that published it: one of a former worker doesn't count beside it */
  epoch: z.int().nonnegative(),
  /** everything up to that commit of the worker's store is in it */
  asOf: z.int().nonnegative(),
  published: z.iso.datetime(),
  plugin: z.strictObject({ name: z.string(), version: z.int() }),
  /** of the declarations that documents depend on (`layoutHash`) */
  documents: z.string(),
  /** by entity type */
  types: z.record(z.string(), typeSchema),
});
export type DocumentSnapshot = z.output<typeof snapshotSchema>;

/** What is published, but for what is the same in all of a catalog. */
export type NewSnapshot = Omit<DocumentSnapshot, 'layout' | 'catalog' | 'number'>;

const digits = 8;
const claimMillis = 48 * 60 * 60 * 1000;
const claimSchema = z.strictObject({ until: z.iso.datetime() });

/** The published states of a catalog. */
export class Snapshots {
  readonly #objects: ObjectStore;
  readonly #catalog: string;

  constructor(objects: ObjectStore, catalog: string) {
    this.#objects = objects;
    this.#catalog = catalog;
  }

  /** Where all data files are. */
  get filesFolder(): string {
    return this.#folder('files');
  }

  /** Where a data file of some name is. */
  fileKey(file: string): string {
    return `${this.filesFolder}${file}.parquet`;
  }

  /** Keys of all data files, named by a snapshot or not. */
  files(): AsyncIterable<string> {
    return this.#objects.list(this.filesFolder);
  }

  /** Numbers of all that there are, ascending. */
  async numbers(): Promise<readonly number[]> {
    const numbers: number[] = [];
    for await (const key of this.#objects.list(this.#manifests))
      numbers.push(Number.parseInt(key.slice(this.#manifests.length), 10));
    return numbers;
  }

  /** The last one, of the last worker; null where nothing is published. */
  async newest(): Promise<DocumentSnapshot | null> {
    const numbers = await this.numbers();
    let newest: DocumentSnapshot | null = null;
    // A superseded worker may have published beside its successor: at most a few.
    for (const number of numbers.slice(-3).reverse()) {
      const one = await this.get(number);
      if (one !== null && (newest === null || one.epoch > newest.epoch)) newest = one;
    }
    return newest;
  }

  /** @returns null where there is no such snapshot, or none any more, or none that can be read: what it names then, nobody knows */
  async get(number: number): Promise<DocumentSnapshot | null> {
    const bytes = await this.#objects.get(this.#key(number));
    return bytes === null ? null : (snapshotSchema.safeParse(jsonOrNothing(bytes)).data ?? null);
  }

  /** Makes files, which are there, the newest state. Numbers that somebody else takes meanwhile are left out. */
  async publish(snapshot: NewSnapshot): Promise<DocumentSnapshot> {
    for (let number = (await this.numbers()).at(-1) ?? 0; ; ) {
      number++;
      const whole: DocumentSnapshot = { layout: layoutVersion, catalog: this.#catalog, number, ...snapshot };
      if (await this.#objects.putIfAbsent(this.#key(number), jsonLine(whole))) return whole;
    }
  }

  async delete(number: number): Promise<void> {
    await this.#objects.delete(this.#key(number));
  }

  /** Keeps the files of a snapshot there, for two days or until it is released. */
  async claim(number: number, by: string, now: number): Promise<void> {
    const until = new Date(now + claimMillis).toISOString();
    await this.#objects.put(`${this.#claims}${pad(number)}/${by}`, jsonLine({ until }));
  }

  async release(number: number, by: string): Promise<void> {
    await this.#objects.delete(`${this.#claims}${pad(number)}/${by}`);
  }

  /** Does something with a snapshot whose files stay meanwhile. @returns null where there is no such snapshot any more */
  async whileClaimed<T>(
    number: number,
    { by, now }: { readonly by: string; readonly now: number },
    work: (snapshot: DocumentSnapshot) => Promise<T>,
  ): Promise<T | null> {
    await this.claim(number, by, now);
    try {
      const snapshot = await this.get(number);
      return snapshot === null ? null : await work(snapshot);
    } finally {
      await this.release(number, by);
    }
  }

  /** Numbers of those that somebody needs. */
  async claimed(now: number): Promise<ReadonlySet<number>> {
    const claimed = new Set<number>();
    for await (const key of this.#objects.list(this.#claims)) {
      const bytes = await this.#objects.get(key);
      if (bytes === null) continue;
      const claim = claimSchema.safeParse(jsonOrNothing(bytes)).data;
      if (claim !== undefined && Date.parse(claim.until) > now)
        claimed.add(Number.parseInt(key.slice(this.#claims.length), 10));
      else await this.#objects.delete(key);
    }
    return claimed;
  }

  get #manifests(): string {
    return this.#folder('manifests');
  }

  get #claims(): string {
    return this.#folder('claims');
  }

  #folder(of: keyof typeof snapshotFolders): string {
    return snapshotsFolder(this.#catalog) + snapshotFolders[of];
  }

  #key(number: number): string {
    return `${this.#manifests}${pad(number)}.json`;
  }
}

const pad = (number: number): string => String(number).padStart(digits, '0');
