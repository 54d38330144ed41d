import { join } from 'node:path';
import { Part } from '../machine/part.ts';
import { cpuMillis } from '../machine/proc.ts';
import { withSearchServer } from '../machine/search-server.ts';
import type { Findings } from '../measurement.ts';
import type { BuilderPart } from '../parts/builder.ts';
import type { OwnerPart } from '../parts/owner.ts';
import type { SharedBuild } from '../parts/sharing.ts';
import { median, shown } from '../statistics.ts';
import { stageWorld, withOwner } from './ready.ts';
import type { Bench, Section } from './section.ts';

/** A build by some builders. */
interface Run extends SharedBuild {
  /** of all builders, start included */
  readonly builderCpu: number;
}

/** Whoever is measured has a core of its own; owner and OpenSearch share them. */
const builderCores = [0, 1] as const;

/** How many documents a second two builders build, next to one. */
export const buildersSection: Section = {
  name: 'builders',
  question: 'How much faster do two builders build than one?',
  async run(bench) {
    const staged = await stageWorld(bench.folder, { generated: bench.sizes.builders.world });
    bench.say(`${staged.bundles} bundles staged, ${shown(staged.bytes / 1e6)} MB`);
    return withSearchServer(bench, (server) =>
      withOwner({ folder: bench.folder, opensearch: server.url }, async (owner) => {
        await owner.ask('load', null);
        const thrown = await compare(bench, owner, null);
        const indexed = await compare(bench, owner, server.url);
        return findings(thrown, indexed);
      }),
    );
  },
};

interface Compared {
  readonly one: readonly Run[];
  readonly two: readonly Run[];
}

async function compare(bench: Bench, owner: Part<OwnerPart>, opensearch: string | null): Promise<Compared> {
  const runs: { one: Run[]; two: Run[] } = { one: [], two: [] };
  for (let i = 0; i < bench.sizes.builders.rounds; i++) {
    const order = i % 2 === 0 ? (['one', 'two'] as const) : (['two', 'one'] as const);
    for (const which of order) {
      const run = await build(bench, owner, which === 'one' ? 1 : 2, opensearch);
      bench.say(`${which}, ${opensearch === null ? 'thrown away' : 'into OpenSearch'}: ${described(run)}`);
      runs[which].push(run);
    }
  }
  return runs;
}

async function build(
  { folder }: Bench,
  owner: Part<OwnerPart>,
  builders: 1 | 2,
  opensearch: string | null,
): Promise<Run> {
  const { port } = (await owner.ask('share', { builders, inOpenSearch: opensearch !== null })).value;
  const parts: Part<BuilderPart>[] = [];
  try {
    for (const core of builderCores.slice(0, builders)) parts.push(await Part.start<BuilderPart>('builder', core));
    const begun = parts.map((part) => {
      const state = join(folder, `builder-${part.pid}`);
      return part.ask('start', { port, staging: join(folder, 'staging'), state, opensearch });
    });
    await Promise.all(begun);
    const { value } = await owner.ask('built', null);
    return { ...value, builderCpu: parts.reduce((sum, { pid }) => sum + cpuMillis(pid), 0) / 1000 };
  } finally {
    await Promise.all(parts.map((part) => part.stop()));
  }
}

const rateOf = ({ documents, seconds }: SharedBuild): number => documents / seconds;

const described = (run: Run): string =>
  `${shown(rateOf(run))} documents/s (${run.documents} in ${shown(run.seconds)} s; CPU: owner ${shown(run.cpu)} s, builders with their start ${shown(run.builderCpu)} s)`;

function findings(thrown: Compared, indexed: Compared): Findings {
  const rates = (runs: readonly Run[]): number => median(runs.map(rateOf));
  const ratio = ({ one, two }: Compared): number => rates(two) / rates(one);
  const row = (name: string, runs: readonly Run[]): (string | number)[] => [
    name,
    shown(rates(runs)),
    shown(median(runs.map(({ cpu, documents }) => (cpu / documents) * 1000))),
  ];
  return {
    measurements: [
      {
        name: 'two builders ÷ one, output thrown away',
        value: ratio(thrown),
        unit: 'ratio',
        target: { bound: 'least', value: 1.8 },
        note: 'a core each; the owner shares them',
      },
      {
        name: 'two builders ÷ one, into OpenSearch, which shares the cores',
        value: ratio(indexed),
        unit: 'ratio',
      },
      { name: 'one builder, output thrown away', value: rates(thrown.one), unit: 'documents/s' },
      { name: 'two builders, output thrown away', value: rates(thrown.two), unit: 'documents/s' },
    ],
    breakdowns: [
      {
        title: 'builders: medians',
        head: ['', 'documents/s', 'owner CPU ms/document'],
        rows: [
          row('one, thrown away', thrown.one),
          row('two, thrown away', thrown.two),
          row('one, into OpenSearch', indexed.one),
          row('two, into OpenSearch', indexed.two),
        ],
      },
    ],
  };
}
