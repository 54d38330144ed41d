import { join } from 'node:path';
import { Part } from '../machine/part.ts';
import { withSearchServer } from '../machine/search-server.ts';
import type { MultipliedPart } from '../parts/multiplied.ts';
import { shown } from '../statistics.ts';
import { requestsMeanwhile, searchesMeanwhile } from './exports-meanwhile.ts';
import { memoryOfFormats } from './exports-memory.ts';
import { exportRatios } from './exports-ratios.ts';
import { type ExportsRig, type PublishedFiles, settingsOf } from './exports-rig.ts';
import { stageWorld, withOwner } from './ready.ts';
import { type Bench, cores, type Section } from './section.ts';

/** What exports cost, and what they cost others. */
export const exportsSection: Section = {
  name: 'exports',
  question: 'How fast are exports next to bare copies, in how much memory, and who notices them?',
  async run(bench) {
    const staged = await stageWorld(bench.folder, { generated: bench.sizes.exports.world });
    bench.say(`${staged.bundles} bundles staged`);
    const rig = await publish(bench);
    const ratios = await exportRatios(rig);
    const memory = await memoryOfFormats(rig);
    const meanwhile = await withSearchServer({ ...bench, core: cores.server }, async ({ url }) => {
      await index(bench, url);
      return [...(await requestsMeanwhile(rig, url)), ...(await searchesMeanwhile(rig, url))];
    });
    return {
      measurements: [...ratios.measurements, ...meanwhile, ...memory.measurements],
      breakdowns: [...ratios.breakdowns, ...memory.breakdowns],
    };
  },
};

/** Copies of the world's files: indexing so many would take hours, and exports read what is published. */
async function publish(bench: Bench): Promise<ExportsRig> {
  const part = await Part.start<MultipliedPart>('multiplied');
  try {
    const own = { staging: join(bench.folder, 'staging'), state: join(bench.folder, 'multiplied') };
    const { value: computed } = await part.ask('compute', own);
    const { sources } = computed;
    const published: PublishedFiles[] = [];
    for (const wanted of bench.sizes.exports.files) {
      const folder = join(bench.folder, `files-${wanted}`);
      const staging = join(folder, 'staging');
      const { value: made, seconds } = await part.ask('publish', { staging, files: wanted });
      const { files, bytes } = made;
      bench.say(`${files} files published, ${shown(bytes / 1e6)} MB, in ${shown(seconds)} s`);
      published.push({ files, staging, settings: await settingsOf(folder, staging, sources) });
    }
    return { bench, sources, published };
  } finally {
    await part.stop();
  }
}

/** The world itself, once. */
async function index({ folder }: Bench, opensearch: string): Promise<void> {
  await withOwner({ folder, opensearch }, async (owner) => {
    await owner.ask('load', null);
    await owner.ask('take', null);
    await owner.ask('rest', null);
  });
}
