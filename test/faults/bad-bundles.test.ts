import { expect } from 'chai';
import { generateBundles } from '../../cli/generator/generate.ts';
import { crowd, printed, templateOf, templates } from './bad-bundle-parts.ts';
import { type BadBundle, badBundles } from './bad-bundles.ts';
import { type Documents, differences, none } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { type WorldBundle, worldOf } from './world.ts';

const isLong = process.env.LAZULI_TEST_LONG === '1';
/** These have tests of their own. */
const big = ['50 MB', '100,000 entities'];
const seed = 'faults';

const bad = badBundles(seed).filter(({ name }) => !big.includes(name));
const isDead = ({ expected }: BadBundle) => expected.outcome === 'dead';

/** Good ones, to come between the bad ones. */
const neighbours = (): readonly WorldBundle[] =>
  [...generateBundles({ seed: 'neighbours', bundles: 4, size: 'small', versions: 0, deletions: 0 })].map(
    ({ fqid, text }) => ({ fqid, bytes: Buffer.from(text) }),
  );

const added = ({ fqid }: WorldBundle) => ({ action: 'add', fqid }) as const;

async function openWith(bundles: readonly WorldBundle[], indexable = bundles, limits = {}): Promise<Pipeline> {
  const world = await worldOf(bundles, bundles.map(added), indexable);
  return Pipeline.open({ world, limits: { batchBundles: 100, ...limits } });
}

describe('Bundles that are bad, among others that are not', () => {
  let pipeline: Pipeline;
  let documents: Documents;

  before(async () => {
    const around = neighbours();
    const spoiled = bad.map((bundle) => ({ ...bundle, bytes: bundle.bytes() }));
    const bundles = [...around.slice(0, 2), ...spoiled, ...around.slice(2)];
    const indexable = [...around, ...spoiled.filter((bundle) => !isDead(bundle as BadBundle & WorldBundle))];
    pipeline = await openWith(bundles, indexable);
    await pipeline.start();
    await pipeline.notify();
    await pipeline.settled();
    documents = await pipeline.documents();
  });
  after(() => pipeline?.[Symbol.asyncDispose]());
});
