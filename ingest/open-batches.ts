import { LazuliError } from '../core/config/errors.ts';
import type { Settings } from '../core/config/settings.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import type { NormalizedBundle } from '../core/model/normalized.ts';
import { newBatchId } from '../core/staged/layout.ts';
import { Batch, type Staged } from './batch.ts';
import type { OpenCatalog } from './catalogs.ts';
import { type Extent, isDue, isFull, wouldOverflow } from './closing.ts';
import type { Prepared } from './fetch.ts';
import { normalizeBundle, unforeseen } from './normalize.ts';
import { type ClosedBatch, closeBatch } from './stage.ts';

interface OpenBatch {
  readonly catalog: OpenCatalog;
  readonly batch: Batch;
  /** when the stream took the oldest notification in it, milliseconds since the epoch */
  readonly notified: number;
}

/** of a deletion or an undeletion */
const nothingFetched = { contentHash: '', attributes: {} };

/** Fetched bytes of a batch whose memory is kept for the next one: columns take several times as much. */
const maxSpareBytes = 32 * 2 ** 20;

/** The micro-batches, one per catalog, that a shard's records go to until they are closed, all at once. */
export class OpenBatches {
  readonly #limits: Settings['limits'];
  readonly #now: () => number;
  readonly #batchId: (now: number) => string;
  #open = new Map<string, OpenBatch>();
  /** empty, and with the room that a batch of the plug-in took */
  readonly #spare = new WeakMap<MetadataPlugin, Batch>();
  #opened = 0;
  #flushed = Number.NEGATIVE_INFINITY;

  constructor(limits: Settings['limits'], now: () => number, batchId: (now: number) => string = newBatchId) {
    this.#limits = limits;
    this.#now = now;
    this.#batchId = batchId;
  }

  get isEmpty(): boolean {
    return this.#open.size === 0;
  }

  /** Whether a batch has all that it may have. */
  get full(): boolean {
    return this.#some((batch) => isFull(extentOf(batch), this.#limits));
  }

  /** @param idle whether no more records are to be had at present */
  due(idle: boolean): boolean {
    if (this.isEmpty) return false;
    return isDue({ opened: this.#opened, flushed: this.#flushed, idle }, this.#limits, this.#now());
  }

  /** Whether this very copy waits to be staged already. */
  has({ catalog, action, fqid, number, fetched }: Prepared): boolean {
    const open = this.#open.get(catalog.name);
    const { contentHash, attributes } = fetched ?? nothingFetched;
    return open?.batch.has({ action, fqid, number, contentHash, attributes }) === true;
  }

  /** Whether adding it would go beyond the limits of a batch that others are in. */
  overflowsWith({ catalog, fetched }: Prepared, normalized: NormalizedBundle | null): boolean {
    const open = this.#open.get(catalog.name);
    const more = { rows: rowsOf(normalized), bundles: 1, bytes: fetched?.bytes.length ?? 0 };
    return open !== undefined && wouldOverflow(extentOf(open.batch), more, this.#limits);
  }

  /**
   * @param notified when the stream took the notification, milliseconds since the epoch
   * @throws LazuliError `bundle_invalid`, and then nothing of it was added
   */
  add(prepared: Prepared, normalized: NormalizedBundle | null, notified: number): void {
    const { catalog } = prepared;
    const open = this.#open.get(catalog.name) ?? { catalog, batch: this.#emptyBatch(catalog.plugin), notified };
    try {
      open.batch.add(stagedOf(prepared, normalized));
    } catch (error) {
      throw error instanceof LazuliError ? error : unforeseen(catalog.plugin, error);
    }
    if (this.isEmpty) this.#opened = this.#now();
    this.#open.set(catalog.name, { ...open, notified: Math.min(open.notified, notified) });
  }

  /** Encodes all batches; new ones are opened by what is added next. */
  close(): ClosedBatch[] {
    const now = this.#now();
    const closed = [...this.#open.values()].map(({ catalog: { name, plugin }, batch, notified }) => {
      const files = closeBatch(batch, { catalog: name, plugin, id: this.#batchId(now), now, notified });
      if (batch.bytes <= maxSpareBytes) this.#spare.set(plugin, batch);
      batch.clear();
      return files;
    });
    this.#flushed = now;
    this.#open = new Map();
    return closed;
  }

  /** A spare one is taken away, because another catalog may have the same plug-in. */
  #emptyBatch(plugin: MetadataPlugin): Batch {
    const spare = this.#spare.get(plugin);
    this.#spare.delete(plugin);
    return spare ?? new Batch(plugin);
  }

  #some(matches: (batch: Batch) => boolean): boolean {
    return [...this.#open.values()].some(({ batch }) => matches(batch));
  }
}

/**
 * @param maxValueBytes of text in one value
 * @throws LazuliError `bundle_not_json`, `bundle_invalid`, `bundle_too_large`, `plugin_faulty`
 */
export function normalizePrepared(
  { catalog, fqid, fetched }: Prepared,
  maxValueBytes: number,
): NormalizedBundle | null {
  if (fetched === null) return null;
  try {
    return normalizeBundle(catalog.plugin, fqid, fetched, maxValueBytes);
  } catch (error) {
    const place = { catalog: catalog.name, bundle: `${fqid.uuid}.${fqid.version}` };
    throw error instanceof LazuliError ? error.at(place) : error;
  }
}

function stagedOf({ action, fqid, number, fetched }: Prepared, normalized: NormalizedBundle | null): Staged {
  const { contentHash, attributes } = fetched ?? nothingFetched;
  return { action, fqid, number, contentHash, attributes, normalized, bytes: fetched?.bytes.length ?? 0 };
}

function extentOf({ rows, bundles, bytes }: Batch): Extent {
  return { rows, bundles: bundles.length, bytes };
}

function rowsOf(normalized: NormalizedBundle | null): number {
  if (normalized === null) return 1;
  const members = normalized.sets.reduce((sum, set) => sum + set.length, 0);
  return 1 + normalized.rows.length + normalized.entities.length + members;
}
