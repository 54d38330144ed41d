import { hash } from 'node:crypto';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import type { NormalizedBundle } from '../../core/model/normalized.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { noFaults, type ObjectStore } from '../../core/runtime/ports.ts';
import { newBatchId } from '../../core/staged/layout.ts';
import { Batch } from '../../ingest/batch.ts';
import { isFull } from '../../ingest/closing.ts';
import { normalizeBundle } from '../../ingest/normalize.ts';
import { type ClosedBatch, closeBatch, stage } from '../../ingest/stage.ts';
import { defaultLimits } from '../rigs/default-limits.ts';
import type { RawBundle } from './worlds.ts';

export const catalog = 'hca';

const attributes = { drs_domain: 'data.example' };

/** A bundle as the ingest stage has it once it is fetched. */
export interface FetchedRaw {
  readonly fqid: RawBundle['fqid'];
  readonly bytes: Buffer;
}

export const fetched = ({ fqid, text }: RawBundle): FetchedRaw => ({ fqid, bytes: Buffer.from(text, 'utf8') });

/** The ingest stage without streams: the same steps in the same order, one method each. */
export class Staging {
  readonly #plugin: MetadataPlugin;
  readonly #store: ObjectStore;
  readonly #batch: Batch;
  /** that were closed */
  readonly batches: string[] = [];
  /** of the files that were written */
  bytes = 0;

  constructor(plugin: MetadataPlugin, store: ObjectStore) {
    this.#plugin = plugin;
    this.#store = store;
    this.#batch = new Batch(plugin);
  }

  normalize({ fqid, bytes }: FetchedRaw): NormalizedBundle {
    return normalizeBundle(this.#plugin, fqid, { bytes, attributes }, defaultLimits.documentBytes);
  }

  append({ fqid, bytes }: FetchedRaw, normalized: NormalizedBundle, contentHash: string): void {
    this.#batch.add({ action: 'add', fqid, number: 0, contentHash, attributes, normalized, bytes: bytes.length });
  }

  get full(): boolean {
    const { rows, bundles, bytes } = this.#batch;
    return isFull({ rows, bundles: bundles.length, bytes }, defaultLimits);
  }

  get empty(): boolean {
    return this.#batch.bundles.length === 0;
  }

  close(): ClosedBatch {
    const now = systemClock.now();
    const closed = closeBatch(this.#batch, { catalog, plugin: this.#plugin, id: newBatchId(now), now });
    this.#batch.clear();
    this.batches.push(closed.manifest.batch);
    for (const { bytes } of Object.values(closed.manifest.tables)) this.bytes += bytes;
    return closed;
  }

  async write(closed: ClosedBatch): Promise<void> {
    await stage(closed, { store: this.#store, putPointer: async () => {}, fault: noFaults, clock: systemClock });
  }

  /** All steps, as they come. */
  async add(bundle: FetchedRaw): Promise<void> {
    this.append(bundle, this.normalize(bundle), contentHashOf(bundle));
    if (this.full) await this.flush();
  }

  async flush(): Promise<void> {
    if (!this.empty) await this.write(this.close());
  }
}

export const contentHashOf = ({ bytes }: FetchedRaw): string => hash('sha256', bytes, 'hex');
