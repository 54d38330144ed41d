import { join } from 'node:path';
import type { Part } from '../machine/part.ts';
import { cpuMillis, untilCalm } from '../machine/proc.ts';
import { type SearchServer, withSearchServer } from '../machine/search-server.ts';
import type { Breakdown, Findings, Measurement } from '../measurement.ts';
import type { OwnerPart } from '../parts/owner.ts';
import type { StagePart } from '../parts/stage.ts';
import { incrementalWorld } from '../sizes.ts';
import { median, shown } from '../statistics.ts';
import { sourceOf, type World } from '../worlds.ts';
import { stageBy, withOwner, withStager } from './ready.ts';
import type { Bench, Section } from './section.ts';

/** What something took. Seconds and bytes. */
interface Cost {
  readonly clock: number;
  /** of ingest, the owner and the server together */
  readonly cpu: number;
  /** of bulk bodies */
  readonly bytes: number;
}
const parts = ['clock', 'cpu', 'bytes'] as const;

/** One source added, one replaced and one removed; then a rebuild of what there is. */
interface Round {
  readonly added: Cost;
  readonly replaced: Cost;
  readonly removed: Cost;
  /** from the store, which has everything */
  readonly rebuild: Cost;
  /** the same after everything was staged and loaded, as changes have to be */
  readonly everything: Cost;
}
const changes = ['added', 'replaced', 'removed'] as const;
type Changes = Pick<Round, (typeof changes)[number]>;
/** What changes are compared with. */
const wholes = { rebuild: 'rebuild from the store', everything: 'rebuild from the repository' } as const;

/** Where the bundles of sources are: each in batches of its own, or all sources in every batch. */
const orders = { 'batches of one source': false, 'batches of all sources': true } as const;
type Order = keyof typeof orders;

/** Of the rebuild that would bring the same change about: one from the store knows nothing of it. */
const target = { bound: 'most', value: 0.1 } as const;

/** What it costs to add, replace and remove sources, next to a rebuild. */
export const incrementalSection: Section = {
  name: 'incremental',
  question: 'What does a change of one source in twenty cost, next to a rebuild?',
  run: (bench) =>
    withSearchServer(bench, async (server) => {
      const found: Findings[] = [];
      for (const order of Object.keys(orders) as Order[])
        found.push(await withStager((stager) => ofOrder({ bench, server, stager }, order)));
      return {
        measurements: found.flatMap(({ measurements }) => measurements),
        breakdowns: found.flatMap(({ breakdowns }) => breakdowns ?? []),
      };
    }),
};

async function ofOrder(machine: Machine, order: Order): Promise<Findings> {
  const { bench, server, stager } = machine;
  const { sources, warmUp, rounds } = bench.sizes.incremental;
  const folder = join(bench.folder, orders[order] ? 'mixed' : 'sorted');
  // The first ones are added, one in each round.
  const there = Array.from({ length: sources }, (_, i) => worldOf(bench, warmUp + rounds + i));
  const staged = await stageBy(stager, folder, { worlds: there, inTurns: orders[order] });
  bench.say(
    `${order}: ${staged.bundles} bundles of ${there.length} sources staged in ${staged.batches.length} batches`,
  );
  return withOwner({ folder, opensearch: server.url }, async (owner) => {
    const loaded = await owner.ask('load', null);
    await owner.ask('clear', null);
    await owner.ask('take', null);
    // From here on the generation before is kept current, as it is in any deployment that was rebuilt once.
    await owner.ask('rebuild', { capture: null });
    await owner.ask('settle', null);
    const first = { clock: staged.staging + loaded.seconds, cpu: staged.stagingCpu + loaded.cpu };
    const rig: Rig = { ...machine, owner, folder, first };
    for (let i = 0; i < warmUp; i++) await changed(rig, i);
    const done: Round[] = [];
    for (let i = 0; i < rounds; i++) done.push(await round(rig, i, order));
    const documents = (await owner.ask('count', null)).value;
    return findings(done, order, `${staged.bundles} bundles, ${documents} documents, ${there.length} sources`);
  });
}

/** What all orders have. */
interface Machine {
  readonly bench: Bench;
  readonly server: SearchServer;
  readonly stager: Part<StagePart>;
}

interface Rig extends Machine {
  readonly owner: Part<OwnerPart>;
  readonly folder: string;
  /** to stage and load all that is there at first */
  readonly first: Worked;
}

const worldOf = ({ sizes }: Bench, i: number) => incrementalWorld(sizes.incremental.bundlesOfSource, i);

/** @param i which of the rounds, those among them that don't count */
async function changed(rig: Rig, i: number): Promise<Changes> {
  const { bench, owner } = rig;
  const { warmUp, rounds } = bench.sizes.incremental;
  const first = warmUp + rounds + 2 * i;
  const added = await cost(rig, () => stagedAndLoaded(rig, { generated: worldOf(bench, i) }));
  const replaced = await cost(rig, () => stagedAndLoaded(rig, { renewed: worldOf(bench, first) }));
  const source = sourceOf(worldOf(bench, first + 1));
  const removed = await cost(rig, async () => plain(await owner.ask('removeSource', { source })));
  return { added, replaced, removed };
}

async function round(rig: Rig, i: number, order: Order): Promise<Round> {
  const { bench, owner, first } = rig;
  const costs = await changed(rig, bench.sizes.incremental.warmUp + i);
  const before = (await owner.ask('count', null)).value;
  const rebuild = await cost(rig, () => rebuilt(rig));
  const after = (await owner.ask('count', null)).value;
  if (before !== after) throw new Error(`There were ${before} documents, but ${after} after a rebuild`);
  const everything = { ...rebuild, clock: rebuild.clock + first.clock, cpu: rebuild.cpu + first.cpu };
  const done = { ...costs, rebuild, everything };
  const told = Object.entries(done).map(([what, { clock, cpu }]) => `${what} ${shown(clock)} s (CPU ${shown(cpu)} s)`);
  bench.say(`${order}, round ${i + 1}: ${told.join(', ')}`);
  return done;
}

/** Seconds of the process or processes that worked. */
type Worked = Pick<Cost, 'clock' | 'cpu'>;
const plain = ({ seconds, cpu }: { seconds: number; cpu: number }): Worked => ({ clock: seconds, cpu });

/** A source as it comes in: staged, then loaded. What making its bundles takes doesn't count. */
async function stagedAndLoaded({ stager, owner, folder }: Rig, world: World): Promise<Worked> {
  const { batches, staging, stagingCpu } = await stageBy(stager, folder, world);
  const { seconds, cpu } = await owner.ask('bringIn', { batches });
  return { clock: staging + seconds, cpu: stagingCpu + cpu };
}

/** Until it serves, and what there is to be done after that. */
async function rebuilt({ owner }: Rig): Promise<Worked> {
  const [serving, settling] = [await owner.ask('rebuild', { capture: null }), await owner.ask('settle', null)];
  return { clock: serving.seconds + settling.seconds, cpu: serving.cpu + settling.cpu };
}

/** The server is calm before and after. */
async function cost({ server, owner }: Rig, work: () => Promise<Worked>): Promise<Cost> {
  const sent = async (): Promise<number> => (await owner.ask('sent', null)).value;
  await untilCalm(server.pid);
  const [before, bytes] = [cpuMillis(server.pid), await sent()];
  const { clock, cpu } = await work();
  await untilCalm(server.pid);
  return { clock, cpu: cpu + (cpuMillis(server.pid) - before) / 1000, bytes: (await sent()) - bytes };
}

const names = { clock: 'time', cpu: 'CPU', bytes: 'bytes sent to OpenSearch' } as const;

function findings(rounds: readonly Round[], order: Order, note: string): Findings {
  const share = (whole: keyof typeof wholes, part: keyof Cost): number =>
    median(rounds.map((each) => changes.reduce((sum, what) => sum + each[what][part], 0) / each[whole][part]));
  return {
    measurements: (Object.keys(wholes) as (keyof typeof wholes)[]).flatMap((whole) =>
      parts.map(
        (part): Measurement => ({
          name: `5 % of the sources changed ÷ ${wholes[whole]}, ${names[part]}, ${order}`,
          value: share(whole, part),
          unit: 'ratio',
          ...(whole === 'everything' ? { target } : {}),
          note: `${note}; ${rounds.length} rounds`,
        }),
      ),
    ),
    breakdowns: [table(rounds, order, note)],
  };
}

function table(rounds: readonly Round[], order: Order, note: string): Breakdown {
  const middle = (what: keyof Round, part: keyof Cost): number => median(rounds.map((each) => each[what][part]));
  return {
    title: `incremental: ${order}; ${note}; medians`,
    head: ['source', 's', 'CPU s', 'MB sent', '% of the time', '% of the CPU', '% of the bytes'],
    rows: [...changes, ...(Object.keys(wholes) as (keyof typeof wholes)[])].map((what) => [
      what,
      ...[middle(what, 'clock'), middle(what, 'cpu'), middle(what, 'bytes') / 1e6].map(shown),
      ...parts.map((part) => shown((middle(what, part) / middle('rebuild', part)) * 100)),
    ]),
  };
}
