import { orAborted } from '../../../core/runtime/aborted.ts';
import type { Clock } from '../../../core/runtime/ports.ts';
import type { SnapshotLimits } from './database.ts';
import { ownFolder, removeFolder } from './scratch.ts';
import { type BundleName, Snapshot } from './snapshot.ts';
import type { SnapshotRef, SnapshotTables } from './tables/tables.ts';

/** Reads by keys of a snapshot within an hour; more cost as much as all of its tables, which are read then. */
const mostReads = 4;
const hourMillis = 3_600_000;
/** Bundles of one read. Who wants more of a snapshot at once wants all of it. */
const mostBundles = 100;
/** for one read */
const readMillis = 15 * 60_000;

interface Waiting {
  readonly name: BundleName;
  readonly maxBytes: number;
  readonly signal: AbortSignal;
  readonly resolve: (bundle: Single) => void;
  readonly reject: (error: unknown) => void;
}

/** A bundle as UTF-8 JSON, or null where there is none; undefined where it is to be had with all others. */
export type Single = Uint8Array | null | undefined;

interface Group {
  readonly snapshot: SnapshotRef;
  /** when reads began */
  reads: number[];
  isReading: boolean;
  waiting: Waiting[];
}

/**
 * Bundles of snapshots whose tables aren't here: the rows that they need are read by keys, and put together like all.
 * What is wanted while others are read is read together next.
 */
export class SingleBundles {
  readonly #tables: SnapshotTables;
  readonly #limits: SnapshotLimits;
  readonly #clock: Clock;
  readonly #groups = new Map<string, Group>();

  constructor(tables: SnapshotTables, limits: SnapshotLimits, clock: Clock) {
    this.#tables = tables;
    this.#limits = limits;
    this.#clock = clock;
  }

  /** @throws LazuliError as snapshots do; or the signal's reason */
  fetch(snapshot: SnapshotRef, name: BundleName, maxBytes: number, signal: AbortSignal): Promise<Single> {
    if (this.#tables.readSome === undefined) return Promise.resolve(undefined);
    const group = this.#groups.get(snapshot.id) ?? { snapshot, reads: [], isReading: false, waiting: [] };
    this.#groups.set(snapshot.id, group);
    group.reads = group.reads.filter((at) => this.#clock.now() - at < hourMillis);
    if (group.reads.length >= mostReads || group.waiting.length >= mostBundles) return Promise.resolve(undefined);
    const { promise, resolve, reject } = Promise.withResolvers<Single>();
    group.waiting.push({ name, maxBytes, signal, resolve, reject });
    if (!group.isReading) void this.#work(group);
    return orAborted(promise, signal);
  }

  async #work(group: Group): Promise<void> {
    group.isReading = true;
    // Those who come at the same time are read together.
    await Promise.resolve();
    while (group.waiting.length > 0) {
      const wanted = group.waiting.splice(0).filter(({ signal }) => !signal.aborted);
      group.reads.push(this.#clock.now());
      await this.#read(group.snapshot, wanted).catch((error: unknown) => {
        for (const { reject } of wanted) reject(error);
      });
    }
    group.isReading = false;
  }

  async #read(snapshot: SnapshotRef, wanted: readonly Waiting[]): Promise<void> {
    if (wanted.length === 0) return;
    const left = leftBy(wanted.map(({ signal }) => signal));
    const folder = ownFolder(this.#limits.folder);
    try {
      const uuids = wanted.map(({ name }) => name.uuid);
      const signal = AbortSignal.any([left, AbortSignal.timeout(readMillis)]);
      const tables = (await this.#tables.readSome?.(snapshot, uuids, folder, signal)) ?? null;
      if (tables === null) {
        for (const { resolve } of wanted) resolve(undefined);
        return;
      }
      const opened = await Snapshot.open({ ...snapshot, tables }, { ...this.#limits, folder });
      for (const { name, maxBytes, resolve, reject } of wanted) {
        try {
          resolve(opened.fetch(name, maxBytes));
        } catch (error) {
          reject(error);
        }
      }
      opened.close();
    } finally {
      removeFolder(folder);
    }
  }
}

/** Aborted when all are. */
function leftBy(signals: readonly AbortSignal[]): AbortSignal {
  const left = new AbortController();
  const look = () => {
    if (signals.every(({ aborted }) => aborted)) left.abort(signals[0]?.reason);
  };
  for (const signal of signals) signal.addEventListener('abort', look, { once: true, signal: left.signal });
  look();
  return left.signal;
}
