import { expect } from 'chai';
import { crowd, printed, templateOf, templates } from '../rigs/faults/bad-bundle-parts.ts';
import { type BadBundle, badBundles } from '../rigs/faults/bad-bundles.ts';
import { generateBundles } from '../rigs/models/generated.ts';
import type { WorldBundle } from './clean.ts';
import { type Documents, differences, none } from './indexed.ts';
import { Pipeline } from './pipeline.ts';
import { worldOf } from './world.ts';

const isLong = process.env.LAZULI_TEST_LONG === '1';
/** These have tests of their own. */
const big = ['50 MB', '100,000 entities'];
const seed = 'faults';

const bad = badBundles(seed).filter(({ name }) => !big.includes(name));
const isDead = ({ expected }: BadBundle) => expected.outcome === 'dead';

/** What a letter about a bundle that is no HCA bundle must name; a cycle runs through fields of many entities. */
const placeOf = (name: string) => (name === 'a cyclic graph' ? ['bundle', 'entity'] : ['bundle', 'entity', 'field']);

/** Good ones, to come between the bad ones. */
const neighbours = (): readonly WorldBundle[] =>
  [...generateBundles({ seed: 'neighbours', bundles: 4, size: 'small', versions: 0, deletions: 0 })].map(
    ({ fqid, text }) => ({ fqid, bytes: Buffer.from(text) }),
  );

const added = ({ fqid }: WorldBundle) => ({ action: 'add', fqid }) as const;

async function openWith(bundles: readonly WorldBundle[], indexable = bundles, limits = {}): Promise<Pipeline> {
  const world = await worldOf(bundles, bundles.map(added), { indexable });
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

  for (const bundle of bad.filter(isDead)) {
    it(`${bundle.name}: is dead-lettered, and the letter says where and what to do`, async () => {
      const { expected, fqid } = bundle;
      if (expected.outcome !== 'dead') return;
      const name = `${fqid.uuid}.${fqid.version}`;
      const letters = (await pipeline.letters()).filter(({ place }) => place.bundle === name);
      const [letter] = letters;
      expect(letters.length).to.equal(1);
      expect(letter).to.include({ catalog: 'hca', stage: 'ingest', kind: 'notification', reason: expected.code });
      if (expected.entity !== undefined) expect(letter?.place.entity).to.equal(expected.entity);
      if (expected.code === 'bundle_invalid') expect(letter?.place).to.include.keys(placeOf(bundle.name));
      expect(letter?.message).to.not.equal('');
      expect(letter?.remedy ?? '').to.not.equal('');
      expect([...documents.keys()]).to.not.include(`bundles/${fqid.uuid}`);
    });
  }

  for (const { name, fqid } of bad.filter((bundle) => !isDead(bundle))) {
    it(`${name}: is indexed as any other`, () => {
      expect([...documents.keys()]).to.include(`bundles/${fqid.uuid}`);
    });
  }

  it('leave no other trace: the index is that of a clean run without those that are dead-lettered', async () => {
    expect((await pipeline.letters()).length).to.equal(bad.filter(isDead).length);
    expect(differences(documents, await pipeline.world.expected())).to.deep.equal(none);
  });
});

describe('A bundle with very many entities', () => {
  const entities = isLong ? 100_000 : 1_000;

  it(`of which there are ${entities} is indexed, but for the one document that is too large`, async function () {
    this.timeout(isLong ? 1_200_000 : 120_000);
    const { value: template } = templates(seed).next();
    if (template === undefined) throw new Error('There is no bundle to be spoiled');
    const parts = templateOf(template);
    crowd(parts, entities);
    const crowded = { fqid: template.fqid, bytes: Buffer.from(printed(parts)) };
    await using pipeline = await openWith([crowded, ...neighbours()], undefined, { documentBytes: entities * 60 });
    const tooLarge = `bundles/${template.fqid.uuid}`;
    await pipeline.start();
    await pipeline.notify();
    await pipeline.settled(isLong ? 900_000 : undefined);
    const letters = await pipeline.letters();
    expect(letters.map(({ kind, reason, place }) => ({ kind, reason, place }))).to.deep.equal([
      {
        kind: 'document',
        reason: 'document_too_large',
        place: { entity: tooLarge, bundle: `${template.fqid.uuid}.${template.fqid.version}` },
      },
    ]);
    const expected = new Map(await pipeline.world.expected());
    expect(expected.delete(tooLarge)).to.equal(true);
    expect(differences(await pipeline.documents(), expected)).to.deep.equal(none);
  });
});

/** What takes long is done at full size only. */
if (isLong) {
  describe('A bundle of 50 MB', () => {
    it('is indexed as any other', async function () {
      this.timeout(300_000);
      const [fat] = badBundles(seed).filter(({ name }) => name === '50 MB');
      if (fat === undefined) throw new Error('There is no such bundle');
      await using pipeline = await openWith([{ fqid: fat.fqid, bytes: fat.bytes() }, ...neighbours()]);
      await pipeline.start();
      await pipeline.notify();
      await pipeline.expectClean(200_000);
    });
  });
}
