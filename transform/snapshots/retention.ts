import type { DocumentSnapshot, Snapshots } from '../../core/exports/snapshots.ts';
import { isRested, type Rest, rested } from '../../core/runtime/rest.ts';
import type { CatalogContext } from '../catalog/context.ts';
import { expectOwned } from '../catalog/epochs.ts';
import { asOf } from './files.ts';
import type { FileRegistry } from './registry.ts';

/** After that snapshots go that nobody has claimed. */
const keptMillis = 24 * 60 * 60 * 1000;

/** Between two looks at least: each lists everything. */
const lookMillis = 60_000;

/** Deletes snapshots that are old, and files that neither a snapshot nor the store names any more. */
export class SnapshotRetention {
  readonly #context: CatalogContext;
  readonly #snapshots: Snapshots;
  readonly #registry: FileRegistry;
  /** those that were read, by number: they never change */
  readonly #known = new Map<number, DocumentSnapshot>();
  #looked: Rest = rested;
  /** how keys of files begin that the store may soon know of */
  #spared: string | null = null;

  constructor(context: CatalogContext, snapshots: Snapshots, registry: FileRegistry) {
    this.#context = context;
    this.#snapshots = snapshots;
    this.#registry = registry;
  }

  /** Files as of a commit stay, whether or not anything names them yet; null: of none. */
  spare(commit: number | null): void {
    const { filesFolder } = this.#snapshots;
    this.#spared = commit === null ? null : `${filesFolder}${asOf(this.#context.epoch, commit)}`;
  }

  /** Where it is time for that. @param purging whether only the newest one stays, whoever has claimed another one */
  async tidy(purging: boolean): Promise<void> {
    const { clock, objects, epoch, logger } = this.#context;
    const now = clock.now();
    if (!isRested(this.#looked, now) && !purging) return;
    await expectOwned(this.#context);
    const named = new Set((await this.#registry.files()).map(({ key }) => key));
    const numbers = await this.#snapshots.numbers();
    const claimed = await this.#snapshots.claimed(now);
    for (const number of numbers) {
      const one = await this.#read(number);
      if (one === null) {
        logger.warn({ number }, 'a snapshot of documents is damaged: readers take another one');
        if (number !== numbers.at(-1)) await this.#delete(number);
        continue;
      }
      const isOld = now - Date.parse(one.published) > keptMillis;
      const mayGo = purging || (isOld && !claimed.has(number));
      if (mayGo && number !== numbers.at(-1)) await this.#delete(number);
      else for (const key of keysOf(one)) named.add(key);
    }
    for await (const key of this.#snapshots.files())
      if (!named.has(key) && epochOf(key) <= epoch && !this.#isSpared(key)) await objects.delete(key);
    this.#looked = { since: now, millis: lookMillis };
  }

  #isSpared(key: string): boolean {
    return this.#spared !== null && key.startsWith(this.#spared);
  }

  async #read(number: number): Promise<DocumentSnapshot | null> {
    const one = this.#known.get(number) ?? (await this.#snapshots.get(number));
    if (one !== null) this.#known.set(number, one);
    return one;
  }

  async #delete(number: number): Promise<void> {
    await this.#snapshots.delete(number);
    this.#known.delete(number);
  }
}

/** Of all files that a snapshot consists of. */
const keysOf = ({ types }: DocumentSnapshot): readonly string[] =>
  Object.values(types).flatMap(({ base, deltas }) => [...base, ...deltas].map(({ key }) => key));

/** What a later worker has written is nothing of this one's business. */
const epochOf = (key: string): number => Number.parseInt(key.slice(key.lastIndexOf('/') + 1), 10);
