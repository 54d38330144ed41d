import type { DeadLetters } from '../streams/dead-letters.ts';
import type { StreamEntry } from '../streams/producer.ts';
import { redrivenNotification } from './dead-letter.ts';

const lettersAtOnce = 100;

/**
 * Puts notifications back to their stream that are with the dead letters because their catalog was refused, and is open
 * now. One that fails again meanwhile has another letter, which stays.
 *
 * @param put resolves when all are acknowledged
 * @returns how many
 */
export async function redriveRefused(
  catalogs: Iterable<string>,
  deadLetters: DeadLetters,
  put: (entries: readonly StreamEntry[]) => Promise<unknown>,
): Promise<number> {
  let redriven = 0;
  for (const catalog of catalogs) {
    for (let after: string | null = ''; after !== null; ) {
      const filter = { catalog, kind: 'notification', reason: 'catalog_refused' } as const;
      const { letters, next } = await deadLetters.list({ ...filter, limit: lettersAtOnce, after });
      await put(letters.map(({ payload }) => redrivenNotification(payload)));
      for (const { key, attempts } of letters)
        if ((await deadLetters.get(key))?.attempts === attempts) await deadLetters.delete(key);
      redriven += letters.length;
      after = next;
    }
  }
  return redriven;
}
