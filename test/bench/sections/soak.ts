import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { catalogStates } from '../../../cli/pipeline/catalogs.ts';
import { PipelineObserver } from '../../../cli/pipeline/status.ts';
import { askJson } from '../../../core/http/ask-json.ts';
import { StagedBatches } from '../../../core/staged/batches.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { residentMegabytes } from '../machine/proc.ts';
import { type Stack, withStack } from '../machine/stack.ts';
import type { Findings, Measurement } from '../measurement.ts';
import { shown } from '../statistics.ts';
import type { Bench, Section } from './section.ts';

/** What there is at a moment at which nothing is left to do. */
interface Extent {
  /** documents that OpenSearch has taken since it was started, by any write */
  readonly writes: number;
  /** files of staged batches that count */
  readonly files: number;
  /** of these; of all that is staged; of the store */
  readonly bytes: number;
  readonly staged: number;
  readonly store: number;
  /** of the workers and the service */
  readonly megabytes: number;
}

/** Between two looks whether everything is at rest, and how long it must be. */
const lookMillis = 1_000;
const calmLooks = 20;
/** After this something is broken, not slow. */
const maxMillis = 600_000;

/** Rounds that don't count: code is compiled, caches are filled. */
const warmUp = 3;

/** The same notifications again and again: nothing grows, and nothing is written. */
export const soakSection: Section = {
  name: 'soak',
  question: 'What do the same notifications cost that come again and again?',
  run(bench) {
    const { world, minutes } = bench.sizes.soak;
    return withStack({ folder: bench.folder, world, say: bench.say }, async (stack) => {
      for (let i = 0; i <= warmUp; i++) await round(stack);
      const before = await extentOf(stack);
      bench.say(`at first: ${told(before)}`);
      const until = Date.now() + minutes * 60_000;
      let rounds = 0;
      for (; Date.now() < until; rounds++) await round(stack);
      const after = await extentOf(stack);
      bench.say(`after ${rounds} rounds: ${told(after)}`);
      return findings(bench, before, after, rounds * stack.bundles.actions.length);
    });
  },
};

/** Everything is notified, and staged. */
async function round(stack: Stack): Promise<void> {
  await stack.notify(stack.bundles.actions);
  await settled(stack, 2);
}

/** @param looks in a row that find nothing to do */
async function settled({ settings }: Stack, looks: number): Promise<void> {
  const observer = new PipelineObserver(settings);
  const deadline = Date.now() + maxMillis;
  for (let calm = 0; calm < looks; ) {
    if (Date.now() > deadline) throw new Error(`It is not at rest after ${maxMillis / 60_000} minutes`);
    await new Promise((resolve) => setTimeout(resolve, lookMillis));
    const isIdle = Object.values(await catalogStates(settings)).every(({ state }) => state === 'idle');
    calm = isIdle && (await observer.look()).every((one) => one.settled) ? calm + 1 : 0;
  }
}

const indexing = z.looseObject({
  _all: z.looseObject({ total: z.looseObject({ indexing: z.looseObject({ index_total: z.int() }) }) }),
});

async function extentOf(stack: Stack): Promise<Extent> {
  await settled(stack, calmLooks);
  const { settings, bundles } = stack;
  const { staging, state } = settings.folders;
  const url = `${settings.opensearch.url}/lazuli_*/_stats/indexing`;
  const { _all } = await askJson('OpenSearch', url, indexing);
  const manifests = await new StagedBatches(new FolderStore(staging), bundles.catalog).read();
  const files = manifests.flatMap(({ tables }) => Object.values(tables));
  return {
    writes: _all.total.indexing.index_total,
    files: files.length,
    bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
    staged: bytesIn(staging),
    store: bytesIn(state),
    megabytes: stack.workers().reduce((sum, { pid }) => sum + residentMegabytes(pid), 0),
  };
}

function bytesIn(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.reduce((sum, entry) => sum + (entry.isFile() ? sizeOf(join(entry.parentPath, entry.name)) : 0), 0);
}

/** A file that is gone by now has none. */
const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

const told = ({ writes, files, bytes, staged, store, megabytes }: Extent): string =>
  `${writes} documents written, ${files} files that count with ${shown(bytes / 1e6)} MB, ${shown(staged / 1e6)} MB staged in all, store ${shown(store / 1e6)} MB, memory ${shown(megabytes)} MB`;

/** What may be more in the end than at first. Of files, until they are merged again. */
const targets = { writes: 1, files: 4, bytes: 4, store: 1.5, megabytes: 1.25 } as const;
const names = {
  writes: 'documents written',
  files: 'staged files that count',
  bytes: 'bytes of these',
  store: 'bytes of the store',
  megabytes: 'memory of workers and service',
} as const;

function findings({ sizes }: Bench, before: Extent, after: Extent, notifications: number): Findings {
  const note = `${notifications} notifications of ${sizes.soak.world.bundles} bundles in ${sizes.soak.minutes} minutes`;
  return {
    measurements: (Object.keys(targets) as (keyof typeof targets)[]).map(
      (what): Measurement => ({
        name: `${names[what]}, after a soak ÷ before`,
        value: after[what] / before[what],
        unit: 'ratio',
        target: { bound: 'most', value: targets[what] },
        note: `${shown(before[what])} and ${shown(after[what])}; ${note}`,
      }),
    ),
  };
}
