import { z } from 'zod';
import { jsonBytes, jsonOrNothing } from '../config/text.ts';
import type { Records } from '../runtime/ports.ts';

/** How far an attempt is. */
const progressSchema = z.strictObject({
  /** documents that are written */
  rows: z.int().min(0),
  /** documents that are selected; null before that is known */
  total: z.int().min(0).nullable(),
  /** of the file so far */
  bytes: z.int().min(0),
});
export type Progress = z.output<typeof progressSchema>;

export const noProgress: Progress = { rows: 0, total: null, bytes: 0 };

/** A finished export. */
const resultSchema = z.strictObject({
  rows: z.int().min(0),
  bytes: z.int().min(0),
  /** to save it under; safe */
  name: z.string().min(1),
});
export type Result = z.output<typeof resultSchema>;

/** Why an export can't be made. */
const failureSchema = z.strictObject({
  /** of the error catalogue, or `unexpected` */
  code: z.string(),
  message: z.string(),
  remedy: z.string().nullable(),
});
export type Failure = z.output<typeof failureSchema>;

const at = z.int();

/** How an attempt ended; `released`: its worker was asked to stop. */
const endSchema = z.discriminatedUnion('as', [
  z.strictObject({ as: z.literal('done'), at, result: resultSchema }),
  z.strictObject({ as: z.literal('failed'), at, failure: failureSchema }),
  z.strictObject({ as: z.literal('released'), at }),
]);
export type End = z.output<typeof endSchema>;

/** One worker's try to make an export. Who makes the record is its worker, and nobody else ever writes it. */
const attemptSchema = z.strictObject({
  worker: z.string(),
  /** goes up while the worker lives */
  beat: z.int().min(0),
  /** attempts right before it whose workers died */
  losses: z.int().min(0),
  progress: progressSchema,
  end: endSchema.nullable(),
});
export type Attempt = z.output<typeof attemptSchema>;

/** Of records of attempts, in a folder for each key. */
export const attemptsFolder = '_exports/attempts/';

const digits = 8;

/** The attempts at exports, numbered from 1 for each key. */
export class Attempts {
  readonly #records: Records;

  constructor(records: Records) {
    this.#records = records;
  }

  /** Numbers of all of a key, ascending. */
  async numbers(hash: string): Promise<readonly number[]> {
    const numbers: number[] = [];
    const folder = folderOf(hash);
    for await (const key of this.#records.list(folder)) numbers.push(Number.parseInt(key.slice(folder.length), 10));
    return numbers.filter(Number.isInteger);
  }

  /** @returns `damaged` where it is there and can't be read, null where there is none */
  async get(hash: string, number: number): Promise<Attempt | 'damaged' | null> {
    const value = await this.#records.get(keyOf(hash, number));
    return value === null ? null : (attemptSchema.safeParse(jsonOrNothing(value)).data ?? 'damaged');
  }

  /** @returns false where somebody else has begun it */
  claim(hash: string, number: number, attempt: Attempt): Promise<boolean> {
    return this.#records.putIfAbsent(keyOf(hash, number), jsonBytes(attempt));
  }

  async put(hash: string, number: number, attempt: Attempt): Promise<void> {
    await this.#records.put(keyOf(hash, number), jsonBytes(attempt));
  }

  async delete(hash: string): Promise<void> {
    for (const number of await this.numbers(hash)) await this.#records.delete(keyOf(hash, number));
  }
}

const folderOf = (hash: string): string => `${attemptsFolder}${hash}/`;
const keyOf = (hash: string, number: number): string => `${folderOf(hash)}${String(number).padStart(digits, '0')}.json`;
