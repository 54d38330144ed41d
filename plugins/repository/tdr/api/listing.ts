import type { SnapshotItem } from './schemas.ts';
import type { Asking } from './service.ts';

/** The repository changed while it was being listed: what was seen of it is of no use. */
export class ChangedMeanwhile extends Error {}

/** Snapshots of a page. */
export const pageSize = 1000;
const maxPages = 1000;

/** One page, from a place on. */
export type AskPage = (offset: number) => Promise<{
  readonly filteredTotal: number;
  readonly items: readonly SnapshotItem[];
}>;

/**
 * All snapshots, page by page (specification, repository-plugins 4.2).
 *
 * @throws ChangedMeanwhile where pages don't fit together
 */
export async function allPages(ask: AskPage): Promise<readonly SnapshotItem[]> {
  const found = new Map<string, SnapshotItem>();
  let total: number | undefined;
  for (let pages = 0; pages < maxPages; pages++) {
    const { filteredTotal, items } = await ask(found.size);
    total ??= filteredTotal;
    if (filteredTotal !== total) throw new ChangedMeanwhile(`there were ${total}, and then ${filteredTotal}`);
    const before = found.size;
    for (const item of items) found.set(item.id, item);
    if (found.size < before + items.length) throw new ChangedMeanwhile('one came twice');
    if (found.size > total) throw new ChangedMeanwhile(`there are more than ${total}`);
    if (found.size === total) return [...found.values()];
    if (items.length === 0) throw new ChangedMeanwhile(`${found.size} of ${total} came`);
  }
  throw new ChangedMeanwhile(`they are more than ${maxPages} pages`);
}

/** How often a list is begun, where the repository changes meanwhile. */
export const attemptsOf = ({ waiting }: Asking): number => (waiting === 'background' ? 3 : 1);
