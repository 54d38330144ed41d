import { z } from 'zod';
import type { Logger } from '../runtime/logger.ts';
import type { Clock } from '../runtime/ports.ts';
import { isRested, type Rest, restAfter, rested } from '../runtime/rest.ts';
import { type DeadLetter, parseLetterKey } from './dead-letter.ts';
import type { DeadLetterFilter, DeadLetters } from './dead-letters.ts';

/** How many dead letters there are that a stage has put, of a catalog. */
export const letterCountSchema = z.object({
  stage: z.string(),
  /** null: of none that is configured, such as records that can't be read */
  catalog: z.string().nullable(),
  count: z.int().min(0),
});
export type LetterCount = z.output<typeof letterCountSchema>;

/** Between two counts, in milliseconds. */
const restMillis = 10_000;
/** Where counting takes long, it rests so many times as long. */
const restPerCost = 100;

export interface LetterCountsParts {
  readonly count: () => Promise<readonly LetterCount[]>;
  readonly clock: Pick<Clock, 'now'>;
  readonly logger: Pick<Logger, 'warn'>;
}

/**
 * Counts dead letters now and then, beside what is done meanwhile, for a report of their stage. Commands of operators
 * delete letters, so adding up what is put would be wrong.
 */
export class LetterCounts {
  readonly #parts: LetterCountsParts;
  #counts: readonly LetterCount[] | undefined;
  #isCounting = false;
  #rest: Rest = rested;

  constructor(parts: LetterCountsParts) {
    this.#parts = parts;
  }

  /** The last counts; undefined where they aren't known. Starts to count again when it is time. */
  latest(): readonly LetterCount[] | undefined {
    if (!this.#isCounting && isRested(this.#rest, this.#parts.clock.now())) void this.#count();
    return this.#counts;
  }

  /** Never rejects. */
  async #count(): Promise<void> {
    const { count, clock, logger } = this.#parts;
    const began = clock.now();
    this.#isCounting = true;
    try {
      this.#counts = await count();
    } catch (err) {
      if (this.#counts !== undefined) logger.warn({ err }, 'dead letters can not be counted now');
      this.#counts = undefined;
    }
    this.#isCounting = false;
    const now = clock.now();
    const { millis } = restAfter(began, now, restPerCost);
    this.#rest = { since: now, millis: Math.max(restMillis, millis) };
  }
}

type Listed = Pick<DeadLetters, 'keys'>;

/** Counts those of ingest, and of whichever stage those of catalogs that aren't configured. */
export const lettersOfIngest = (letters: Listed, catalogs: readonly string[]) => (): Promise<readonly LetterCount[]> =>
  counted(letters, [{}], [...catalogs, null].map(none('ingest')), ({ stage, catalog }) => {
    if (catalog === null || !catalogs.includes(catalog)) return { stage, catalog: null };
    return stage === 'ingest' ? { stage, catalog } : null;
  });

/** Counts those of transform, of a catalog. */
export const lettersOfTransform = (letters: Listed, catalog: string) => (): Promise<readonly LetterCount[]> => {
  const filters = (['batch', 'document'] as const).map((kind) => ({ catalog, kind }));
  return counted(letters, filters, [catalog].map(none('transform')), (place) => place);
};

type Place = Pick<DeadLetter, 'stage' | 'catalog'>;

const none =
  (stage: DeadLetter['stage']) =>
  (catalog: string | null): LetterCount => ({ stage, catalog, count: 0 });

/** Letters by place, from their keys alone. @param meant null: such letters are not counted */
async function counted(
  letters: Listed,
  filters: readonly DeadLetterFilter[],
  least: readonly LetterCount[],
  meant: (place: Place) => Place | null,
): Promise<readonly LetterCount[]> {
  const counts = new Map(least.map((one) => [keyOf(one), one]));
  for (const filter of filters)
    for await (const key of letters.keys(filter)) {
      const parts = parseLetterKey(key);
      const found = parts && meant(parts);
      if (found === null) continue;
      const { stage, catalog } = found;
      const count = (counts.get(keyOf(found))?.count ?? 0) + 1;
      counts.set(keyOf(found), { stage, catalog, count });
    }
  return [...counts.values()];
}

const keyOf = ({ stage, catalog }: Place | LetterCount): string => JSON.stringify([stage, catalog]);
