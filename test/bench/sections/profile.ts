import { join } from 'node:path';
import { Part } from '../machine/part.ts';
import type { Breakdown } from '../measurement.ts';
import type { IngestPart } from '../parts/ingest.ts';
import { shown } from '../statistics.ts';
import { stageWorld, withOwner } from './ready.ts';
import type { Bench, Section } from './section.ts';

/** Kinds of statements that are shown; the rest together is one row. */
const shownKinds = 20;
/** Building needs no server, and asks none. */
const nobody = 'http://127.0.0.1:9';

/** Where the time goes. */
export const profileSection: Section = {
  name: 'profile',
  question: 'Where does the time of a rebuild, and of ingest, go?',
  async run(bench) {
    return { measurements: [], breakdowns: [await rebuildProfile(bench), await ingestProfile(bench)] };
  },
};

async function rebuildProfile({ sizes, folder, say }: Bench): Promise<Breakdown> {
  await stageWorld(folder, { generated: sizes.profile.world });
  return withOwner({ folder, opensearch: nobody }, async (owner) => {
    await owner.ask('load', null);
    await owner.ask('build', null); // reads the store from disk
    const { value, seconds, cpu } = await owner.ask('build', null);
    say(`${value.documents} documents built in ${shown(seconds)} s, ${shown(cpu)} s of CPU`);
    return {
      title: `profile: rebuild without a sink, ${value.documents} documents of ${shown(value.bytes / value.documents / 1000)} KB in ${value.buckets} buckets, ${shown((cpu / value.documents) * 1000)} ms of CPU a document; by what a statement makes`,
      head: ['statement', 's', '%'],
      rows: shares(value.statements, shownKinds),
    };
  });
}

async function ingestProfile({ sizes, folder, say }: Bench): Promise<Breakdown> {
  const part = await Part.start<IngestPart>('ingest');
  try {
    const { bundles, bytes } = (await part.ask('make', { generated: sizes.profile.world })).value;
    await part.ask('steps', { folder: join(folder, 'warm') });
    const { value } = await part.ask('steps', { folder: join(folder, 'steps') });
    say(`${bundles} bundles ingested step by step`);
    return {
      title: `profile: ingest of ${bundles} bundles, ${shown(bytes / 1e6)} MB; CPU seconds of all threads (parsing is in normalizing once more)`,
      head: ['step', 's', '%'],
      rows: shares(value, Number.POSITIVE_INFINITY),
    };
  } finally {
    await part.stop();
  }
}

/** Pure. The largest first; what is beyond `most` in one row. */
export function shares(seconds: Readonly<Record<string, number>>, most: number): (string | number)[][] {
  const sorted = Object.entries(seconds).sort(([, a], [, b]) => b - a);
  const total = sorted.reduce((sum, [, value]) => sum + value, 0);
  const row = (name: string, value: number) => [name, shown(value), shown((value / total) * 100)];
  const rest = sorted.slice(most);
  return [
    ...sorted.slice(0, most).map(([name, value]) => row(name, value)),
    ...(rest.length === 0
      ? []
      : [
          row(
            `${rest.length} others`,
            rest.reduce((sum, [, value]) => sum + value, 0),
          ),
        ]),
  ];
}
