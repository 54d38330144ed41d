import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withSearchServer } from '../machine/search-server.ts';
import { shown } from '../statistics.ts';
import { stageWorld, withOwner } from './ready.ts';
import type { Section } from './section.ts';

const samples = resolve(import.meta.dirname, '../../../../shared/samples/hca');

/** Real bundles, many times, by stage. */
export const samplesSection: Section = {
  name: 'samples',
  question: 'How long does each stage take for the real sample bundles, copied under new ids?',
  async run(bench) {
    if (!existsSync(join(samples, 'bundles.json'))) {
      bench.say('skipped: it needs ../shared');
      return { measurements: [] };
    }
    const { folder, say } = bench;
    const { copies } = bench.sizes.samples;
    const staged = await stageWorld(folder, { canned: { folder: samples, copies } });
    say(`${staged.bundles} bundles staged: ${shown(staged.stagingCpu)} s of CPU`);
    return withSearchServer(bench, ({ url }) =>
      withOwner({ folder, opensearch: url }, async (owner) => {
        const load = await owner.ask('load', null);
        say(`loaded in ${shown(load.seconds)} s`);
        const rebuild = await owner.ask('take', null);
        const documents = (await owner.ask('count', null)).value;
        say(`${documents} documents written in ${shown(rebuild.seconds)} s`);
        await owner.ask('rest', null);
        const build = await owner.ask('build', null);
        const row = (name: string, seconds: number | null, cpu: number) => [
          name,
          seconds === null ? '' : shown(seconds),
          shown(cpu),
          shown((cpu / staged.bundles) * 1000),
        ];
        return {
          measurements: [
            { name: 'rebuild', value: documents / rebuild.seconds, unit: 'documents/s' },
            { name: 'peak memory', value: owner.peakMegabytes, unit: 'MB' },
          ],
          breakdowns: [
            {
              title: `samples: ${staged.bundles} bundles (${copies} copies), ${shown(staged.bytes / 1e6)} MB, ${documents} documents`,
              head: ['stage', 's', 'CPU s', 'CPU ms/bundle'],
              rows: [
                row('normalize and stage', null, staged.stagingCpu),
                row('load', load.seconds, load.cpu),
                row('rebuild into OpenSearch', rebuild.seconds, rebuild.cpu),
                row('rebuild without a sink', build.seconds, build.cpu),
              ],
            },
          ],
        };
      }),
    );
  },
};
