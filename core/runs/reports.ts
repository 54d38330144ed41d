import { z } from 'zod';
import { jsonBytes, jsonOrNothing } from '../config/text.ts';
import type { Records } from '../runtime/ports.ts';
import { letterCountSchema } from '../storage/letter-counts.ts';
import { type ConsumerStatus, type Problem, type ShardStatus, troubleOf } from '../streams/consumer.ts';
import { catalogFactsSchema } from './facts.ts';
import { type Standstill, standstillSchema } from './troubles.ts';

/** What a stage says of itself every few seconds, for those who watch it. Times in milliseconds since the epoch. */
const reportSchema = z.object({
  at: z.number(),
  /** all that came before this time has had its effect, and what came after it may have not */
  completeUntil: z.number(),
  /** records of its stream that are known to wait, and whether these are all */
  records: z.int().min(0),
  complete: z.boolean(),
  /** documents that wait to be written */
  documents: z.int().min(0),
  /** why its stream can't be read; null where it can */
  unreadable: z.string().nullable(),
  /** why it stands still; null where it goes on */
  paused: standstillSchema.nullable(),
  /** as they were counted some seconds ago; absent where that isn't known */
  deadLetters: z.array(letterCountSchema).readonly().optional(),
  /** of a catalog; absent where its owner doesn't say */
  facts: catalogFactsSchema.optional(),
});
export type Report = z.output<typeof reportSchema>;

/** How old a read of a shard may be, in milliseconds, for what it said of the rest to be true. */
const freshMillis = 10_000;

/**
 * What a stage has done by a time.
 *
 * @param before its last report: holds where a shard hasn't been read since, as after a restart
 */
export function reportOf({ problem, shards }: ConsumerStatus, at: number, before: Report | null): Report {
  const live = shards.filter(({ state }) => state !== 'ended');
  const read = live.filter(({ state }) => state !== 'waiting');
  const times = read.map(({ completeUntil }) => completeUntil);
  const isKnown = read.length > 0 && times.every((time) => time !== null);
  return {
    at,
    completeUntil: isKnown ? Math.min(at, ...times.map(Number)) : (before?.completeUntil ?? at),
    records: read.reduce((sum, { pending }) => sum + pending, 0),
    complete: isKnown && read.length === live.length && read.every((shard) => isAllKnown(shard, at)),
    documents: 0,
    unreadable: problem?.message ?? read.find(({ state }) => state === 'unreachable')?.problem?.message ?? null,
    paused: standstillOf(troubleOf({ problem, shards })),
  };
}

/** Why a stage stands still that has met a problem. */
function standstillOf(problem: Problem | null): Standstill | null {
  if (problem === null) return null;
  const { code, message: reason, remedy, since } = problem;
  return { code, reason, ...(remedy === null ? {} : { remedy }), since };
}

const isAllKnown = ({ readUntil }: ShardStatus, at: number): boolean =>
  readUntil !== null && at - readUntil <= freshMillis;

/** The last report of each stage. Where it is kept outlives the stage's process, which may never come back. */
export class Reports {
  readonly #records: Pick<Records, 'get' | 'put'>;

  constructor(records: Pick<Records, 'get' | 'put'>) {
    this.#records = records;
  }

  /** @returns null where there is none, or none that this version understands. @throws LazuliError `staging_unavailable` */
  async get(stage: string): Promise<Report | null> {
    const value = await this.#records.get(keyOf(stage));
    return value === null ? null : (reportSchema.safeParse(jsonOrNothing(value)).data ?? null);
  }

  /** @throws LazuliError `staging_unavailable` */
  async put(stage: string, report: Report): Promise<void> {
    await this.#records.put(keyOf(stage), jsonBytes(report));
  }
}

/** No catalog's name begins with `_`. */
const keyOf = (stage: string): string => `_reports/${stage}.json`;
