import { parseVerbatim } from '../../../core/model/json.ts';
import type { NormalizedBundle } from '../../../core/model/normalized.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { cloneOnly, metadataPlugin } from '../../../plugins/registry.ts';
import { answer } from '../machine/part.ts';
import { contentHashOf, type FetchedRaw, fetched, Staging } from '../staging.ts';
import { bundlesOf, type World } from '../worlds.ts';

/** Bundles in memory, as bytes: decoded and barely parsed, or ingested. CPU times in seconds, all threads. */
export type IngestPart = {
  readonly make: (world: World) => Promise<{ bundles: number; bytes: number }>;
  readonly parse: (argument: null) => Promise<number>;
  readonly ingest: (argument: { folder: string }) => Promise<number>;
  /** the same, step by step over a batch at a time */
  readonly steps: (argument: { folder: string }) => Promise<Readonly<Record<string, number>>>;
};

const bundlesAtOnce = 256;
/** as `normalizeBundle` has it */
const utf8 = new TextDecoder('utf-8', { fatal: true });
let bundles: FetchedRaw[] = [];
/** keeps what is parsed from being optimized away */
let parsed: unknown;

const methods: IngestPart = {
  async make(world) {
    bundles = Array.from(bundlesOf(world), fetched);
    return { bundles: bundles.length, bytes: bundles.reduce((sum, { bytes }) => sum + bytes.length, 0) };
  },
  async parse() {
    const before = process.cpuUsage();
    for (const { bytes } of bundles) parsed = JSON.parse(utf8.decode(bytes));
    return since(before);
  },
  async ingest({ folder }) {
    const staging = await stagingIn(folder);
    const before = process.cpuUsage();
    for (const bundle of bundles) await staging.add(bundle);
    await staging.flush();
    return since(before);
  },
  async steps({ folder }) {
    const staging = await stagingIn(folder);
    const meter = new Meter();
    for (let i = 0; i < bundles.length; i += bundlesAtOnce)
      await batchInSteps(bundles.slice(i, i + bundlesAtOnce), staging, meter);
    return meter.seconds;
  },
};

/** `parse` is measured on its own too: normalizing begins with it. */
async function batchInSteps(batch: readonly FetchedRaw[], staging: Staging, meter: Meter): Promise<void> {
  const hashes = await meter.measure('hash of the content', () => batch.map(contentHashOf));
  await meter.measure('decoding and parsing', () => {
    for (const { bytes } of batch) parsed = parseVerbatim(utf8.decode(bytes), bytes);
  });
  const normalized = await meter.measure('normalizing, parsing included', () =>
    batch.map((bundle) => staging.normalize(bundle)),
  );
  await meter.measure('rows into columns', () => {
    batch.forEach((bundle, i) => {
      staging.append(bundle, normalized[i] as NormalizedBundle, hashes[i] ?? '');
    });
  });
  const closed = await meter.measure('columns into Parquet', () => staging.close());
  await meter.measure('writing files', () => staging.write(closed));
}

class Meter {
  readonly seconds: Record<string, number> = {};

  async measure<T>(step: string, work: () => T | Promise<T>): Promise<T> {
    const before = process.cpuUsage();
    const result = await work();
    this.seconds[step] = (this.seconds[step] ?? 0) + since(before);
    return result;
  }
}

function since(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

async function stagingIn(folder: string): Promise<Staging> {
  const store = new FolderStore(folder);
  await store.prepare();
  return new Staging(await metadataPlugin('hca', cloneOnly), store);
}

export const run = (): void => {
  answer(methods);
  process.once('exit', () => parsed);
};
