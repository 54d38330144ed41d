import { createHash } from 'node:crypto';
import { isRested } from '../../core/runtime/rest.ts';
import type { CatalogContext } from '../catalog/context.ts';
import type { Served } from '../generations/served.ts';
import type { Commits } from '../store/commits.ts';
import { storeLayout } from '../store/store.ts';
import { filePartsOf } from './file-parts.ts';
import {
  type CopyPart,
  copiesOf,
  copyKey,
  epochOfPart,
  isCopy,
  parseCopy,
  partBytes,
  partKey,
  partsAtOnce,
  partsOf,
  type StoreCopy,
} from './layout.ts';

/** Between two lines of the log about how long a store has gone without a copy; alarms read them. */
const tellMillis = 60_000;

/** What a copy is a copy of. */
interface State {
  readonly commit: number;
  /** the generation that serves */
  readonly serving: number | null;
}

/**
 * Copies of a catalog's store in the object store, from which a worker can start on an empty machine. A copy is made
 * between two steps, while nothing is written; of its parts only those are put that the one before hasn't got. Without
 * one nothing is lost, so a copy that fails is tried again as if it had not been due.
 */
export class Copies {
  readonly #context: CatalogContext;
  readonly #commits: Pick<Commits, 'current'>;
  readonly #served: Pick<Served, 'number'>;
  readonly #partBytes: number;
  #tried: { readonly of: State | null; readonly at: number };
  /** up to which the last copy has everything; -1 where this worker has made none */
  #commit = -1;
  /** since when the store has what no copy has; null where the last one has everything */
  #uncopied: number | null;
  #told = 0;
  /** key of one that builders compute from; null where none do */
  #held: string | null = null;

  /** @param most bytes of an object */
  constructor(
    context: CatalogContext,
    commits: Pick<Commits, 'current'>,
    served: Pick<Served, 'number'>,
    most = partBytes,
  ) {
    this.#context = context;
    this.#commits = commits;
    this.#served = served;
    this.#partBytes = most;
    const now = context.clock.now();
    this.#tried = { of: null, at: now };
    this.#uncopied = now;
  }

  /** Up to which a restored store has everything; no limit where none would be restored. */
  get commit(): number {
    return this.#context.copying === null ? Number.MAX_SAFE_INTEGER : this.#commit;
  }

  /**
   * Makes a copy if one is due.
   *
   * @param isBusy whether there is other work, which then waits: so a copy is made half as often
   */
  async step(isBusy: boolean, signal: AbortSignal): Promise<void> {
    const { copying, clock, catalog, logger } = this.#context;
    const state = { commit: this.#commits.current, serving: this.#served.number };
    if (copying !== null) this.#tell(state.commit);
    if (copying === null || !this.#isDue(state, copying.millis, isBusy)) return;
    this.#tried = { of: state, at: clock.now() };
    try {
      await this.#make(state.commit, copying.kept, signal);
      this.#commit = state.commit;
    } catch (error) {
      signal.throwIfAborted();
      logger.warn({ err: error, catalog }, 'the store could not be copied');
    }
  }

  /**
   * Makes a copy of the store as it is now, for builders. It stays until it is let go of, or another one is held.
   *
   * @returns its key
   */
  async hold(signal: AbortSignal): Promise<string> {
    const key = copyKey(this.#context.catalog, { epoch: this.#context.epoch, commit: this.#commits.current });
    this.#held = key;
    try {
      await this.#make(this.#commits.current, this.#kept, signal);
    } catch (error) {
      this.#held = null; // nobody computes from it
      throw error;
    }
    return key;
  }

  /** Nobody computes from the copy that was held, nor from one that a worker before this one held. */
  async letGo(): Promise<void> {
    this.#held = null;
    await this.#deleteOld(this.#kept);
  }

  get #kept(): number {
    return this.#context.copying?.kept ?? 0;
  }

  #tell(commit: number): void {
    const { clock, catalog, logger } = this.#context;
    const now = clock.now();
    this.#uncopied = commit === this.#commit ? null : (this.#uncopied ?? now);
    if (!isRested({ since: this.#told, millis: tellMillis }, now)) return;
    this.#told = now;
    logger.info({ catalog, uncopied_seconds: (now - (this.#uncopied ?? now)) / 1000 }, 'store copy');
  }

  /** Where another generation serves, no copy from before it is of use to go on with. */
  #isDue({ commit, serving }: State, millis: number, isBusy: boolean): boolean {
    const { of, at } = this.#tried;
    const isUrgent = of === null || of.serving !== serving;
    if (!isUrgent && this.#commit === commit) return false;
    const rest = isUrgent ? 0 : millis;
    return isRested({ since: at, millis: isBusy ? 2 * millis : rest }, this.#context.clock.now());
  }

  async #make(commit: number, kept: number, signal: AbortSignal): Promise<void> {
    const { store, plugin, objects, catalog, clock, epoch, fault } = this.#context;
    const key = copyKey(catalog, { epoch, commit });
    const batches = await store.number('SELECT count(*) FROM batches');
    const parts = await store.still(key, (file) => this.#put(file, signal));
    fault('transform.copy-parts-written');
    const created = new Date(clock.now()).toISOString();
    const copy: StoreCopy = { layout: storeLayout(plugin), epoch, commit, batches, created, parts: [...parts] };
    await objects.put(key, Buffer.from(`${JSON.stringify(copy)}\n`, 'utf8'));
    fault('transform.copied');
    await this.#deleteOld(kept);
  }

  async #put(file: string, signal: AbortSignal): Promise<readonly CopyPart[]> {
    const { objects, catalog, epoch } = this.#context;
    const there = new Set<string>();
    for await (const key of objects.list(partsOf(catalog, epoch))) there.add(key);
    const parts: CopyPart[] = [];
    let waiting: (readonly [key: string, bytes: Uint8Array])[] = [];
    const write = () => Promise.all(waiting.map(([key, bytes]) => objects.put(key, bytes)));
    for await (const bytes of filePartsOf(file, this.#partBytes)) {
      signal.throwIfAborted();
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const key = partKey(catalog, epoch, sha256);
      parts.push({ sha256, bytes: bytes.length });
      if (there.has(key)) continue;
      there.add(key);
      waiting.push([key, bytes]);
      if (waiting.length < partsAtOnce) continue;
      await write();
      waiting = [];
    }
    await write();
    return parts;
  }

  /** First the copies, then the parts that no other needs. What a later worker has made is left alone. */
  async #deleteOld(most: number): Promise<void> {
    const { objects, catalog, epoch } = this.#context;
    const keys: string[] = [];
    for await (const key of objects.list(copiesOf(catalog))) keys.push(key);
    const later = copyKey(catalog, { epoch: epoch + 1, commit: 0 });
    const copies = keys.filter(isCopy);
    const kept = new Set(copies.slice(Math.max(0, copies.length - most)));
    if (this.#held !== null) kept.add(this.#held);
    for (const key of copies) if (!kept.has(key) && key < later) await objects.delete(key);
    const needed = new Set<string>();
    for (const key of kept) {
      const copy = parseCopy(await objects.get(key));
      for (const { sha256 } of copy?.parts ?? []) needed.add(partKey(catalog, copy?.epoch ?? epoch, sha256));
    }
    for (const key of keys) {
      const of = epochOfPart(key);
      if (of !== null && of <= epoch && !needed.has(key)) await objects.delete(key);
    }
  }
}
