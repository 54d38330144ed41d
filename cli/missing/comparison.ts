import { isWithin, type Restriction, type SourceRef } from '../../core/config/sources.ts';
import { byCodePoint } from '../../core/config/text.ts';
import type { Repository } from '../../core/model/repository.ts';
import type { BundleNotification } from '../../ingest/notify.ts';
import { bundlesInOrder, type ListedBundle } from './listed-bundles.ts';
import type { StagedBundle } from './staged-versions.ts';

/** What there is of a source, and what was never notified; numbers of bundles, and of versions to delete. */
export interface SourceCounts {
  readonly source: string;
  readonly spec: string;
  /** null: the repository has no such source */
  readonly listed: number | null;
  /** with a version that isn't deleted */
  readonly staged: number;
  readonly added: number;
  readonly deleted: number;
  /** listed in a version that is deleted here: that stays so */
  readonly left: number;
}

export interface Comparing {
  readonly repository: Pick<Repository, 'listSources' | 'listBundles'>;
  readonly restriction: Restriction;
  /** in the order of sources and uuids; what was staged before the repository is listed */
  readonly staged: AsyncIterable<StagedBundle>;
  readonly onNotification: (notification: BundleNotification) => Promise<void> | void;
  readonly onListed?: (source: string, listed: number) => void;
  readonly signal: AbortSignal;
  /** bundles that are held at a time */
  readonly most?: number;
}

type Counts = { -readonly [K in keyof SourceCounts]: SourceCounts[K] };

/**
 * Finds what the repository has and was never notified, and what was staged and it has no longer. What counts afterwards is the
 * newest version that it lists, unless that was deleted here. A source that it doesn't list at all isn't touched: its
 * removal is a command of its own.
 */
export async function compareAll(comparing: Comparing): Promise<readonly SourceCounts[]> {
  const { repository, restriction, signal } = comparing;
  const staged = new Cursor(comparing.staged);
  const counted: SourceCounts[] = [];
  const sources = (await repository.listSources(signal)).filter((source) => isWithin(source, restriction));
  for (const source of sources.toSorted((a, b) => byCodePoint(a.id, b.id))) {
    counted.push(...(await unlistedBefore(staged, source.id)));
    counted.push(await compareSource(comparing, source, staged));
  }
  counted.push(...(await unlistedBefore(staged, null)));
  return counted;
}

async function compareSource(comparing: Comparing, source: SourceRef, staged: Cursor): Promise<SourceCounts> {
  const counts = { ...countsOf(source), listed: 0 };
  const { restriction, onListed } = comparing;
  const settle = (bundle: StagedBundle | null, listed: ListedBundle | null) =>
    settleBundle(comparing, counts, source, bundle, listed);
  const isOfSource = (bundle: StagedBundle): boolean => bundle.source.id === source.id;
  for await (const listed of bundlesInOrder({ ...comparing, source }, restriction.prefix)) {
    comparing.signal.throwIfAborted();
    counts.listed++;
    onListed?.(source.id, counts.listed);
    for await (const gone of staged.while((one) => isOfSource(one) && one.uuid < listed.uuid)) await settle(gone, null);
    await settle(await staged.next((one) => isOfSource(one) && one.uuid === listed.uuid), listed);
  }
  for await (const gone of staged.while(isOfSource)) await settle(gone, null);
  return counts;
}

/** What is to be notified of one bundle. */
async function settleBundle(
  { onNotification }: Comparing,
  counts: Counts,
  source: SourceRef,
  staged: StagedBundle | null,
  listed: ListedBundle | null,
): Promise<void> {
  const versions = staged?.versions ?? [];
  const live = versions.filter(({ deleted }) => !deleted);
  if (live.length > 0) counts.staged++;
  const known = versions.find(({ version }) => version === listed?.version);
  if (known?.deleted) counts.left++;
  if (listed !== null && known === undefined) {
    counts.added++;
    await onNotification({ action: 'add', fqid: { source, uuid: listed.uuid, version: listed.version } });
  }
  for (const { version } of live) {
    if (staged === null || (listed !== null && byCodePoint(version, listed.version) <= 0)) continue;
    counts.deleted++;
    await onNotification({ action: 'delete', fqid: { source: staged.source, uuid: staged.uuid, version } });
  }
}

/** Sources that are staged before another one, and that the repository doesn't have. */
async function unlistedBefore(staged: Cursor, id: string | null): Promise<readonly SourceCounts[]> {
  const found = new Map<string, Counts>();
  const isBefore = ({ source }: StagedBundle): boolean => id === null || byCodePoint(source.id, id) < 0;
  for await (const bundle of staged.while(isBefore)) {
    const counts = found.get(bundle.source.id) ?? countsOf(bundle.source);
    found.set(bundle.source.id, counts);
    if (bundle.versions.some(({ deleted }) => !deleted)) counts.staged++;
  }
  return [...found.values()];
}

const countsOf = ({ id, spec }: SourceRef): Counts => ({
  ...{ source: id, spec, listed: null, staged: 0, added: 0, deleted: 0, left: 0 },
});

/** Goes through staged bundles, one by one, as far as somebody wants. */
class Cursor {
  readonly #bundles: AsyncIterator<StagedBundle>;
  #next: StagedBundle | null | undefined;

  constructor(bundles: AsyncIterable<StagedBundle>) {
    this.#bundles = bundles[Symbol.asyncIterator]();
  }

  /** The next one if it is wanted, else null; then it is still the next one. */
  async next(isWanted: (bundle: StagedBundle) => boolean): Promise<StagedBundle | null> {
    if (this.#next === undefined) {
      const { value, done } = await this.#bundles.next();
      this.#next = done ? null : value;
    }
    const bundle = this.#next ?? null;
    if (bundle === null || !isWanted(bundle)) return null;
    this.#next = undefined;
    return bundle;
  }

  /** Those that follow, as long as they are wanted. */
  async *while(isWanted: (bundle: StagedBundle) => boolean): AsyncGenerator<StagedBundle> {
    for (let bundle = await this.next(isWanted); bundle !== null; bundle = await this.next(isWanted)) yield bundle;
  }
}
