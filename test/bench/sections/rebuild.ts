import { join } from 'node:path';
import { Part, type Timed } from '../machine/part.ts';
import { cpuMillis, untilCalm } from '../machine/proc.ts';
import { type SearchServer, serverHeap, withSearchServer } from '../machine/search-server.ts';
import type { Findings } from '../measurement.ts';
import type { BarePart } from '../parts/bare.ts';
import type { OwnerPart } from '../parts/owner.ts';
import { median, shown } from '../statistics.ts';
import { deployment, stageWorld, withOwner } from './ready.ts';
import { type Bench, cores, memoryLimit, type Section } from './section.ts';

/** Seconds: of the clock, of the client's CPU, of the server's. */
interface Run {
  readonly wall: number;
  readonly client: number;
  readonly server: number;
}

interface Pair {
  readonly ours: Run;
  readonly bare: Run;
}

/** The first is the one that taking a catalog over builds; the second is captured. */
const capturedGeneration = 2;

/** Documents a second of a rebuild, next to those of a client that has them ready. */
export const rebuildSection: Section = {
  name: 'rebuild',
  question: 'How much slower is a rebuild than sending its bulk bodies once more?',
  async run(bench) {
    const staged = await stageWorld(bench.folder, { generated: bench.sizes.rebuild.world });
    bench.say(`${staged.bundles} bundles staged, ${shown(staged.bytes / 1e6)} MB`);
    return withSearchServer({ ...bench, core: cores.server }, (server) =>
      withOwner({ folder: bench.folder, opensearch: server.url, core: cores.client }, (owner) =>
        compare(bench, server, owner),
      ),
    );
  },
};

async function compare(bench: Bench, server: SearchServer, owner: Part<OwnerPart>): Promise<Findings> {
  const captured = join(bench.folder, 'bodies');
  await owner.ask('load', null);
  await owner.ask('take', null);
  await owner.ask('rebuild', { capture: captured });
  const { value: documents } = await owner.ask('count', null);
  const bare = await Part.start<BarePart>('bare', cores.client);
  try {
    const { bodies, bytes } = (await bare.ask('read', { folder: captured })).value;
    bench.say(`${documents} documents in ${bodies} bodies captured, ${shown(bytes / 1e6)} MB`);
    const pairs: Pair[] = [];
    const run = { server, owner, bare, say: bench.say };
    await pairOf('warm-up', 'ours', run); // the server compiles what verification asks of it
    for (let i = 0; i < bench.sizes.rebuild.pairs; i++)
      pairs.push(await pairOf(`pair ${i + 1}`, i % 2 === 0 ? 'bare' : 'ours', run));
    return findings(documents, bytes, pairs, owner.peakMegabytes);
  } finally {
    await bare.stop();
  }
}

interface Running {
  readonly server: SearchServer;
  readonly owner: Part<OwnerPart>;
  readonly bare: Part<BarePart>;
  readonly say: (line: string) => void;
}

/** Who goes first changes; bare never does while the generation that was captured still serves. */
async function pairOf(name: string, first: keyof Pair, { server, owner, bare, say }: Running): Promise<Pair> {
  const runs = {
    ours: () => measured(server, () => owner.ask('rebuild', { capture: null })),
    bare: () => bareRun(server, bare),
  };
  const one = await runs[first]();
  const other = await runs[first === 'ours' ? 'bare' : 'ours']();
  const pair = first === 'ours' ? { ours: one, bare: other } : { ours: other, bare: one };
  say(`${name}: ours ${described(pair.ours)}; bare ${described(pair.bare)}`);
  return pair;
}

async function bareRun(server: SearchServer, bare: Part<BarePart>): Promise<Run> {
  const where = { opensearch: server.url, deployment, generation: capturedGeneration };
  await bare.ask('clear', where); // what was captured is kept for a while after it ceased to serve
  await bare.ask('prepare', where);
  const run = await measured(server, () => bare.ask('send', where));
  await bare.ask('clear', where);
  return run;
}

async function measured(server: SearchServer, work: () => Promise<Timed<unknown>>): Promise<Run> {
  await untilCalm(server.pid);
  const before = cpuMillis(server.pid);
  const { seconds, cpu } = await work();
  return { wall: seconds, client: cpu, server: (cpuMillis(server.pid) - before) / 1000 };
}

const described = ({ wall, client, server }: Run): string =>
  `${shown(wall)} s (CPU: client ${shown(client)} s, server ${shown(server)} s)`;

function findings(documents: number, bytes: number, pairs: readonly Pair[], peak: number): Findings {
  const of = (side: keyof Pair, what: keyof Run): number => median(pairs.map((pair) => pair[side][what]));
  const ratio = median(pairs.map(({ ours, bare }) => bare.wall / ours.wall));
  const busy = median(pairs.map(({ ours }) => ours.server / ours.wall));
  const row = (side: keyof Pair): (string | number)[] => [
    side === 'ours' ? 'rebuild' : 'bare client',
    ...(['wall', 'client', 'server'] as const).map((what) => shown(of(side, what))),
    ...(['client', 'server'] as const).map((what) => shown((of(side, what) / documents) * 1000)),
  ];
  return {
    measurements: [
      {
        name: 'rebuild ÷ bare client',
        value: ratio,
        unit: 'ratio',
        target: { bound: 'least', value: 0.8 },
        note: `${documents} documents of ${shown(bytes / documents / 1000)} KB, ${pairs.length} pairs; the server is busy ${Math.round(busy * 100)} % of the time`,
      },
      { name: 'rebuild', value: documents / of('ours', 'wall'), unit: 'documents/s' },
      { name: 'bare client', value: documents / of('bare', 'wall'), unit: 'documents/s' },
      {
        name: 'server CPU, bare ÷ rebuild',
        value: median(pairs.map(({ ours, bare }) => bare.server / ours.server)),
        unit: 'ratio',
        note: 'what noise on the machine does not change',
      },
      {
        name: 'peak memory of the process that rebuilds, again and again',
        value: peak,
        unit: 'MB',
        target: { bound: 'most', value: memoryLimit },
      },
    ],
    breakdowns: [
      {
        title: `rebuild: medians (server on core ${cores.server} with a heap of ${serverHeap} MiB, client on core ${cores.client})`,
        head: ['', 's', 'client CPU s', 'server CPU s', 'client CPU ms/document', 'server CPU ms/document'],
        rows: [row('ours'), row('bare')],
      },
    ],
  };
}
