import { join } from 'node:path';
import { Part } from '../machine/part.ts';
import type { IngestPart } from '../parts/ingest.ts';
import { median, shown } from '../statistics.ts';
import type { Section } from './section.ts';

interface Round {
  /** seconds of CPU */
  readonly parse: number;
  readonly ingest: number;
}

/** Normalizing and staging, next to bare parsing. */
export const ingestSection: Section = {
  name: 'ingest',
  question: 'What do normalizing and staging cost, next to JSON.parse of the same bundles?',
  async run({ sizes, folder, say }) {
    const part = await Part.start<IngestPart>('ingest');
    try {
      const { bundles, bytes } = (await part.ask('make', { generated: sizes.ingest.world })).value;
      const rounds: Round[] = [];
      const { rounds: counted, warmUp } = sizes.ingest;
      for (let i = 0; i < warmUp + counted; i++) {
        const parse = (await part.ask('parse', null)).value;
        const ingest = (await part.ask('ingest', { folder: join(folder, `staging-${i}`) })).value;
        say(`round ${i + 1}: parse ${shown(parse)} s, normalize and stage ${shown(ingest)} s of CPU`);
        rounds.push({ parse, ingest });
      }
      const warm = rounds.slice(warmUp);
      const note = `both from the same bytes; ${bundles} bundles of ${shown(bytes / bundles / 1000)} KB, ${warm.length} rounds, by CPU time of all threads`;
      return {
        measurements: [
          {
            name: 'normalizing and staging ÷ JSON.parse',
            value: median(warm.map(({ parse, ingest }) => parse / ingest)),
            unit: 'ratio',
            target: { bound: 'least', value: 0.12 },
            note,
          },
          {
            name: 'bundles per core and second',
            value: bundles / median(warm.map(({ ingest }) => ingest)),
            unit: 'bundles/s',
          },
          { name: 'JSON.parse', value: bundles / median(warm.map(({ parse }) => parse)), unit: 'bundles/s' },
        ],
      };
    } finally {
      await part.stop();
    }
  },
};
