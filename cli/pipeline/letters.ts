import { type DeadLetter, parseLetterKey } from '../../core/storage/dead-letter.ts';
import { type DeadLetters, pagesOf } from '../../core/storage/dead-letters.ts';
import { deadNotification } from '../../ingest/dead-letter.ts';
import { actionKey } from './fed.ts';

const pageSize = 1000;

/** Dead letters of one catalog, as far as a status needs them. */
export interface Failures {
  /** how many for each reason; `unreadable` for letters that can't be read */
  readonly byReason: ReadonlyMap<string, number>;
  /** batches that are given up */
  readonly batches: number;
  /** keys of the notifications that are given up */
  readonly actions: ReadonlySet<string>;
}

export const noFailures: Failures = { byReason: new Map(), batches: 0, actions: new Set() };

/**
 * All dead letters, by catalog. Under null those that no catalog of the settings has: records that could not be
 * read, and those of a catalog that there isn't.
 */
export async function failuresByCatalog(
  letters: DeadLetters,
  catalogs: readonly string[],
): Promise<ReadonlyMap<string | null, Failures>> {
  const found = new Map<string | null, Counting>();
  const of = (catalog: string | null): Counting => {
    const known = catalog !== null && catalogs.includes(catalog) ? catalog : null;
    const counting = found.get(known) ?? { byReason: new Map(), batches: 0, actions: new Set() };
    found.set(known, counting);
    return counting;
  };
  for await (const page of pagesOf(letters, { limit: pageSize })) {
    for (const letter of page.letters) count(of(letter.catalog), letter);
    for (const key of page.damaged) add(of(parseLetterKey(key)?.catalog ?? null).byReason, 'unreadable');
  }
  return found;
}

interface Counting {
  readonly byReason: Map<string, number>;
  batches: number;
  readonly actions: Set<string>;
}

function count(counting: Counting, letter: DeadLetter): void {
  add(counting.byReason, letter.reason);
  if (letter.kind === 'batch') counting.batches++;
  if (letter.kind === 'notification') for (const key of actionsOf(letter)) counting.actions.add(key);
}

function actionsOf(letter: DeadLetter): readonly string[] {
  try {
    const { action, notification } = deadNotification(letter);
    return [actionKey({ action, ...notification.bundle_fqid })];
  } catch {
    // what can't be read was not fed by us
    return [];
  }
}

const add = (counts: Map<string, number>, reason: string): void =>
  void counts.set(reason, (counts.get(reason) ?? 0) + 1);
