import type { HandedOut } from '../../core/control/building.ts';
import { isRested, type Rest } from '../../core/runtime/rest.ts';
import type { BuilderPatience, CatalogContext } from '../catalog/context.ts';
import type { Bucket } from '../generations/plan.ts';

/** A bucket that so many builders have given back, or died of, is the owner's. */
const mostTries = 3;
const usualPatience: BuilderPatience = { lease: 15_000, absence: 60_000 };

/** A bucket that a builder has. */
interface Lease {
  readonly bucket: Bucket;
  readonly builder: string;
  /** within which it has to give a sign of life */
  readonly rest: Rest;
}

/**
 * Which buckets of a build are left, and who has them: the owner, which takes one after the other, or builders. All of it is
 * in memory: an owner that ends, however that is, hands out again what isn't marked as written.
 */
export class Handout {
  readonly #clock: CatalogContext['clock'];
  readonly #patience: BuilderPatience;
  /** that nobody has, in the order in which they are to be built; null: they are to be read from the plan */
  #left: Bucket[] | null = null;
  readonly #leases = new Map<number, Lease>();
  /** that a builder couldn't build: the owner does, and finds out why */
  readonly #own = new Set<number>();
  /** how often buckets came back */
  readonly #tries = new Map<number, number>();
  /** whether builders may take some */
  #isOpen = false;
  /** when a builder last asked, or could have for the first time */
  #asked: Rest | null = null;

  constructor({ clock, patience = usualPatience }: Pick<CatalogContext, 'clock' | 'patience'>) {
    this.#clock = clock;
    this.#patience = patience;
  }

  get isFilled(): boolean {
    return this.#left !== null;
  }

  /** Whether nothing is left, and builders have nothing. */
  get isDone(): boolean {
    return this.#left?.length === 0 && this.#leases.size === 0;
  }

  /** @param remaining all that aren't written, whoever has them */
  fill(remaining: readonly Bucket[]): void {
    this.#left = remaining.filter(({ number }) => !this.#leases.has(number));
  }

  /** What the owner had, and what nobody has, is to be read again. */
  empty(): void {
    this.#left = null;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** From now on builders may take some. */
  open(): void {
    this.#isOpen = true;
    this.#noteAsked();
  }

  /** What builders do from now on is of no use. */
  close(): void {
    this.#isOpen = false;
    this.#leases.clear();
  }

  /** The next one for the owner; `others`: builders do the rest, or have it; undefined: nothing is left. */
  next(): Bucket | 'others' | undefined {
    this.#takeBack();
    const left = this.#left ?? [];
    const at = this.#areThereOthers ? left.findIndex(({ number }) => this.#own.has(number)) : 0;
    const [bucket] = at < 0 ? [] : left.splice(at, 1);
    return bucket ?? (left.length > 0 || this.#leases.size > 0 ? 'others' : undefined);
  }

  /** The next one for a builder; null where there is none. */
  take(builder: string): Bucket | null {
    if (!this.#isOpen) return null;
    this.#noteAsked();
    this.#takeBack();
    const at = (this.#left ?? []).findIndex(({ number }) => !this.#own.has(number));
    const [bucket] = at < 0 ? [] : (this.#left?.splice(at, 1) ?? []);
    if (bucket === undefined) return null;
    this.#leases.set(bucket.number, { bucket, builder, rest: this.#rest(this.#patience.lease) });
    return bucket;
  }

  /** A builder works on a bucket. @returns whether it is still to be built by that one */
  keep(number: number, builder: string): boolean {
    if (this.#isOpen) this.#noteAsked();
    const lease = this.#leases.get(number);
    if (lease?.builder !== builder) return false;
    this.#leases.set(number, { ...lease, rest: this.#rest(this.#patience.lease) });
    return true;
  }

  /** It has to stop, and is not to blame. */
  release(number: number, builder: string): void {
    const lease = this.#leases.get(number);
    if (lease?.builder !== builder) return;
    this.#leases.delete(number);
    this.#left?.unshift(lease.bucket);
  }

  /** A bucket that a builder may have built, whoever has it now; null where it is written, or the owner's. */
  builtByOthers(number: number): Bucket | null {
    const nobodys = this.#left?.find((bucket) => bucket.number === number);
    return this.#leases.get(number)?.bucket ?? nobodys ?? null;
  }

  /** It is written. */
  done(number: number): void {
    this.#leases.delete(number);
    this.#left = this.#left?.filter((bucket) => bucket.number !== number) ?? null;
  }

  /** Builders can't build it. */
  leaveToOwner(bucket: Bucket): void {
    this.done(bucket.number);
    this.#own.add(bucket.number);
    this.#left?.unshift(bucket);
  }

  /** A builder has not built it, though it might have. */
  giveBack(bucket: Bucket): void {
    this.done(bucket.number);
    const tries = (this.#tries.get(bucket.number) ?? 0) + 1;
    this.#tries.set(bucket.number, tries);
    if (tries >= mostTries) this.#own.add(bucket.number);
    this.#left?.unshift(bucket);
  }

  /** @param wanted builders that the run asks for */
  shown(wanted: number): HandedOut {
    const byBuilder = Map.groupBy(this.#leases.values(), ({ builder }) => builder);
    const working = [...byBuilder].map(([builder, leases]) => ({ builder, buckets: leases.length }));
    return { wanted: this.isDone ? 0 : wanted, working, left: this.#left?.length ?? 0 };
  }

  /** Who was asked for hasn't asked for a while: the owner builds, until somebody does. */
  get #areThereOthers(): boolean {
    return this.#isOpen && this.#asked !== null && !isRested(this.#asked, this.#clock.now());
  }

  #noteAsked(): void {
    this.#asked = this.#rest(this.#patience.absence);
  }

  /** Those of builders that give no sign of life come first. */
  #takeBack(): void {
    const now = this.#clock.now();
    for (const { bucket, rest } of this.#leases.values()) if (isRested(rest, now)) this.giveBack(bucket);
  }

  #rest(millis: number): Rest {
    return { since: this.#clock.now(), millis };
  }
}
