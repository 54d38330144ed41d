import type { BucketItem, BucketReport, BuilderAsks } from '../../core/control/building.ts';
import type { BucketOwner } from '../../core/control/workers.ts';
import type { Logger } from '../../core/runtime/logger.ts';
import type { Clock } from '../../core/runtime/ports.ts';
import { isRested, type Rest } from '../../core/runtime/rest.ts';

/** A bucket that this builder has. */
export interface HeldBucket {
  readonly item: BucketItem;
  readonly owner: BucketOwner;
  /** milliseconds since the epoch */
  readonly began: number;
  /** aborted once it is to be built no more */
  readonly lost: AbortController;
}

/** That a builder can build nothing for a catalog, it remembers for so long, in milliseconds. */
const exceptMillis = 60_000;

/** The owners of catalogs, as a builder asks them. */
export class BucketOwners {
  readonly held = new Set<HeldBucket>();
  readonly #builder: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  /** who gave the last bucket comes first: so that its copy is of use again */
  readonly #owners: BucketOwner[];
  /** owners that did not answer the last time */
  readonly #silent = new Set<BucketOwner>();
  readonly #except = new Map<string, Rest>();

  constructor(builder: string, owners: readonly BucketOwner[], clock: Clock, logger: Logger) {
    this.#builder = builder;
    this.#owners = [...owners];
    this.#clock = clock;
    this.#logger = logger;
  }

  /** The next bucket that any of them has; null where none has. */
  async take(): Promise<HeldBucket | null> {
    for (const [i, owner] of this.#owners.entries()) {
      const item = await this.#ask(owner, true);
      if (item === null) continue;
      const held = { item, owner, began: this.#clock.now(), lost: new AbortController() };
      this.held.add(held);
      this.#owners.unshift(...this.#owners.splice(i, 1));
      return held;
    }
    return null;
  }

  /** Tells all of them that it still works on what it has, and learns what of that is lost. */
  async keep(): Promise<void> {
    const owners = new Set([...this.held].map(({ owner }) => owner));
    await Promise.all([...owners].map((owner) => this.#ask(owner, false)));
  }

  /** It can build nothing for a catalog. */
  leaveOut(catalog: string): void {
    this.#except.set(catalog, { since: this.#clock.now(), millis: exceptMillis });
  }

  report({ item, owner }: HeldBucket, what: Pick<BucketReport, 'built' | 'failure'>): Promise<unknown> {
    return owner.buckets.reportBucket({ builder: this.#builder, of: item.of, ...what });
  }

  async #ask(owner: BucketOwner, wants: boolean): Promise<BucketItem | null> {
    const held = [...this.held].filter((one) => one.owner === owner);
    const now = this.#clock.now();
    for (const [catalog, rest] of this.#except) if (isRested(rest, now)) this.#except.delete(catalog);
    const asks: BuilderAsks = {
      ...{ builder: this.#builder, wants, except: [...this.#except.keys()] },
      held: held.map(({ item }) => item.of),
    };
    try {
      const { item, lost } = await owner.buckets.takeBucket(asks);
      this.#silent.delete(owner);
      const gone = new Set(lost.map(nameOf));
      for (const one of held) if (gone.has(nameOf(one.item.of))) one.lost.abort(new Error('it is built by others'));
      return item;
    } catch (err) {
      if (!this.#silent.has(owner))
        this.#logger.warn({ err, owner: owner.url }, 'an owner of catalogs does not answer');
      this.#silent.add(owner);
      return null;
    }
  }
}

const nameOf = ({ catalog, epoch, generation, commit, bucket }: BucketItem['of']): string =>
  JSON.stringify([catalog, epoch, generation, commit, bucket]);
