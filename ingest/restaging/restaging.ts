import { LazuliError } from '../../core/config/errors.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import { markOf, type RestagingProgress, type Restagings, type Wanted } from '../../core/runs/restaging.ts';
import { newBatchId } from '../../core/staged/layout.ts';
import type { NewDeadLetter } from '../../core/storage/dead-letter.ts';
import type { StreamRecord } from '../../core/streams/processor.ts';
import type { OpenCatalog } from '../catalogs.ts';
import { IngestMeter } from '../counts.ts';
import { deadNotification } from '../dead-letter.ts';
import { encodeNotification } from '../notification.ts';
import { type IngestPorts, IngestProcessor } from '../processor.ts';
import { listedSources, newestBundles, wantedSources } from './units.ts';

export interface RestagingPorts extends IngestPorts {
  readonly restagings: Restagings;
  /** Throws where it is to stand still, or to be given up. */
  readonly goOn: () => Promise<void>;
  /** ends what the repository is asked for */
  readonly signal: AbortSignal;
}

/** Before anything is done. */
export const unlisted: RestagingProgress = {
  ...{ phase: 'listing', problem: null, sources: [], unchanged: [], units: [], position: { unit: 0, uuid: '' } },
  ...{ batches: [], failures: {}, kept: [] },
};

/** Bundles that are handed on at a time. */
const handed = 256;

interface Fed {
  readonly unit: number;
  readonly bundle: BundleFqid;
}

/**
 * Stages aside everything that the repository lists and a run wants, as additions that were notified now. Bundles go the
 * way of notifications: the same limits, dead letters and pauses hold. After a crash it continues where the last report
 * says; batches that no report names are left alone.
 */
export class Restaging {
  readonly #run: string;
  readonly #wanted: Wanted;
  readonly #catalog: OpenCatalog;
  readonly #ports: RestagingPorts;
  readonly #processor: IngestProcessor;
  #progress: RestagingProgress;
  /** handed on and not known to be staged, by the number that stands for its place in a stream */
  readonly #fed = new Map<number, Fed>();
  #number = 0;
  /** since the last report */
  #staged: string[] = [];
  #failed: NewDeadLetter[] = [];

  constructor(
    run: string,
    wanted: Wanted,
    progress: RestagingProgress,
    { catalog, ports }: { readonly catalog: OpenCatalog; readonly ports: RestagingPorts },
  ) {
    this.#run = run;
    this.#wanted = wanted;
    this.#progress = { ...progress, problem: null };
    this.#catalog = catalog;
    this.#ports = ports;
    this.#processor = new IngestProcessor({
      ...ports,
      batchId: (now) => newBatchId(now, { run: markOf(run) }),
      putPointer: async ({ batch }) => void this.#staged.push(batch),
      deadLetters: { put: (letter) => this.#bury(letter) },
      purgedUntil: async () => Number.NEGATIVE_INFINITY,
      meter: new IngestMeter(() => ports.clock.now()),
    });
  }

  /** @throws LazuliError of what it can't go on for, or what `goOn` throws; it can be begun again from the last report */
  async work(): Promise<void> {
    if (this.#progress.phase === 'listing') await this.#list();
    if (this.#progress.phase === 'staging') await this.#stageAll();
  }

  async #list(): Promise<void> {
    const { fault, restagings, signal } = this.#ports;
    const { repository } = this.#catalog;
    const sources: RestagingProgress['sources'][number][] = [];
    const units: RestagingProgress['units'][number][] = [];
    const { changed, unchanged } = await wantedSources(repository, this.#wanted, signal);
    for await (const { ref, bundles, prefixes } of listedSources(repository, changed, this.#wanted, signal)) {
      sources.push({ source: ref.id, spec: ref.spec, expected: bundles, done: 0, failed: 0 });
      units.push(...prefixes.map((prefix) => ({ source: ref.id, prefix })));
      this.#progress = { ...this.#progress, sources: [...sources], unchanged };
      await this.#ports.goOn();
      await restagings.report(this.#run, this.#progress);
    }
    this.#progress = { ...unlisted, phase: 'staging', sources, unchanged, units };
    await restagings.report(this.#run, this.#progress);
    fault('ingest.restaging-listed');
  }

  async #stageAll(): Promise<void> {
    const { restagings, fault } = this.#ports;
    const { units, position } = this.#progress;
    for (let unit = position.unit; unit < units.length; unit++) await this.#stageUnit(unit);
    await this.#processor.shutdownRequested({ checkpointer: this.#checkpointer });
    const sources = this.#progress.sources.map((one) => ({ ...one, expected: one.done }));
    this.#progress = { ...this.#progress, phase: 'staged', sources };
    await restagings.report(this.#run, this.#progress);
    fault('ingest.restaging-staged');
  }

  async #stageUnit(unit: number): Promise<void> {
    const { source: id = '', prefix = '' } = this.#progress.units[unit] ?? {};
    const spec = this.#progress.sources.find(({ source }) => source === id)?.spec ?? '';
    const { listed, newest } = await newestBundles(this.#catalog.repository, { id, spec }, prefix, this.#ports.signal);
    const { position } = this.#progress;
    const isBegun = position.unit === unit && position.uuid !== '';
    if (!isBegun) this.#count(id, { expected: newest.length - listed });
    const left = isBegun ? newest.filter(({ uuid }) => uuid.toLowerCase() > position.uuid) : newest;
    for (let i = 0; i < left.length; i += handed) {
      await this.#ports.goOn();
      const records = left.slice(i, i + handed).map((bundle) => this.#record({ unit, bundle }));
      await this.#processor.processRecords({ records, checkpointer: this.#checkpointer, millisBehindLatest: 1 });
    }
  }

  #record(fed: Fed): StreamRecord {
    const { source, uuid, version } = fed.bundle;
    const number = ++this.#number;
    this.#fed.set(number, fed);
    const notification = { bundle_fqid: { uuid, version, source } };
    const data = encodeNotification({ action: 'add', catalog: this.#catalog.name, number: 0, notification });
    return { sequenceNumber: String(number), partitionKey: uuid, data, arrived: this.#ports.clock.now() };
  }

  /** What is checkpointed is staged, or with the dead letters. */
  readonly #checkpointer = {
    checkpoint: async (sequenceNumber?: string): Promise<void> => {
      const last = Number(sequenceNumber);
      for (const [number, { unit, bundle }] of this.#fed) {
        if (number > last) break;
        this.#fed.delete(number);
        this.#count(bundle.source.id, { done: 1 });
        this.#progress = { ...this.#progress, position: { unit, uuid: bundle.uuid.toLowerCase() } };
      }
      for (const letter of this.#failed.splice(0)) this.#noteFailed(letter);
      this.#progress = { ...this.#progress, batches: [...this.#progress.batches, ...this.#staged.splice(0)] };
      await this.#ports.restagings.report(this.#run, this.#progress);
      this.#ports.fault('ingest.restaged');
    },
  };

  async #bury(letter: NewDeadLetter): Promise<void> {
    await this.#ports.deadLetters.put(letter);
    this.#failed.push(letter);
  }

  #noteFailed(letter: NewDeadLetter): void {
    const { source, uuid } = deadNotification(letter).notification.bundle_fqid;
    const { failures, kept } = this.#progress;
    const { reason } = letter;
    this.#count(source.id, { failed: 1 });
    this.#progress = {
      ...this.#progress,
      failures: { ...failures, [reason]: (failures[reason] ?? 0) + 1 },
      kept: [...kept, { source: source.id, uuid: uuid.toLowerCase() }],
    };
  }

  #count(id: string, more: Partial<Record<'expected' | 'done' | 'failed', number>>): void {
    const sources = this.#progress.sources.map((one) => {
      if (one.source !== id) return one;
      const { expected = 0, done = 0, failed = 0 } = more;
      return { ...one, expected: one.expected + expected, done: one.done + done, failed: one.failed + failed };
    });
    this.#progress = { ...this.#progress, sources };
  }
}

/** Why it doesn't go on, for people. */
export const problemOf = (error: unknown): string =>
  error instanceof LazuliError ? `${error.code}: ${error.message}` : String(error);
