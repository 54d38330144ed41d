import { expect } from 'chai';
import fc from 'fast-check';
import { LazuliError } from '../../../core/config/errors.ts';
import type { Bundle } from '../../../core/model/bundle.ts';
import type { Json } from '../../../core/model/metadata.ts';
import { Batch } from '../../../ingest/batch.ts';
import { type Mutation, mutate } from '../../../plugins/battery/mutation.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { report } from '../../rigs/difference.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { openTestCatalog } from '../../rigs/transform/computed.ts';
import { mappingProblems } from '../../rigs/transform/mapping.ts';
import type { TestNotification } from '../../rigs/transform/staging.ts';
import { mutation } from '../mutations.ts';
import { smallBundles } from './small-bundles.ts';

/** Mutants that share a store, and their entities with each other. */
const mutantsAtOnce = 50;

/** Each a bundle of its own, as ingest accepts it; null where it refuses it in the right way. */
function accepted(sample: Bundle, number: number, mutations: readonly Mutation[]): TestNotification | null {
  const contents = JSON.parse(JSON.stringify(sample.contents)) as Json;
  for (const one of mutations) mutate(contents, one);
  const fqid = { ...sample.fqid, uuid: `${sample.fqid.uuid.slice(0, -4)}${String(number).padStart(4, '0')}` };
  try {
    const normalized = hca.normalize({ ...sample, fqid, contents });
    new Batch(hca).add({ action: 'add', fqid, number: 0, contentHash: '', attributes: {}, normalized, bytes: 0 });
    return { action: 'add', fqid, contents, attributes: sample.repository };
  } catch (error) {
    if (!(error instanceof LazuliError) || error.code !== 'bundle_invalid' || !error.place.entity) throw error;
    return null;
  }
}

describe('Mutated bundles that are accepted', () => {
  it('give documents that their mapping allows', async function () {
    this.timeout(3_600_000);
    const samples = smallBundles();
    const mutant = fc.tuple(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 3 }));
    const mutants = fc.array(mutant, { minLength: mutantsAtOnce, maxLength: mutantsAtOnce, size: 'max' });
    const property = fc.asyncProperty(mutants, async (some) => {
      const all = some.map(([pick, mutations], i) => accepted(samples[pick % samples.length] as Bundle, i, mutations));
      const catalog = await openTestCatalog(hca);
      try {
        await catalog.add(all.filter((one) => one !== null));
        const problems = [...(await catalog.sources())].flatMap(([name, source]) =>
          mappingProblems(hca, name.slice(0, name.indexOf('/')), source).map((problem) => `${name}: ${problem}`),
        );
        expect(report(problems)).to.equal('');
      } finally {
        await catalog.close();
      }
    });
    const options = { numRuns: numRuns(10_000 / mutantsAtOnce), seed: seed(), endOnFailure: true };
    const { errorInstance } = await fc.check(property, options);
    if (errorInstance !== null) throw errorInstance;
  });
});
