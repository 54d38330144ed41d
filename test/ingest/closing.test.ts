import { expect } from 'chai';
import { fqid, type ToyBundle, toyCatalogs } from '../rigs/models/toy.ts';
import { Rig, type RigOptions } from './rig.ts';

describe('a micro-batch closes', () => {
  let rig: Rig;
  afterEach(() => rig.dispose());

  function start(limits: NonNullable<RigOptions['limits']>, bundle = (_: number): ToyBundle => ({ things: [] })): Rig {
    rig = new Rig({ limits });
    for (let n = 0; n < 20; n++) rig.repository.put(fqid(n), bundle(n));
    return rig;
  }

  const additions = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => rig.record('add', fqid(from + i)));

  async function batchSizes(): Promise<number[]> {
    const manifests = await rig.manifests();
    const sizes = new Map(manifests.map(({ batch, bundles }) => [batch, bundles.length]));
    return rig.pointers.map(({ batch }) => sizes.get(batch) ?? 0);
  }

  it('at so many bundles', async () => {
    start({ batchBundles: 4 });
    await rig.process(additions(0, 10), 1000);
    expect([await batchSizes(), rig.checkpoints]).to.deep.equal([
      [4, 4],
      ['4', '8'],
    ]);
  });

  it('before it has more than so many rows; a bundle with more is a batch on its own', async () => {
    // a bundle of n things has 2 n + 3 rows: things and members, bundle, entity, document
    const things = (n: number) => Array.from({ length: n === 3 ? 40 : 2 }, (_, i) => ({ id: `${n} ${i}`, name: 'x' }));
    start({ batchRows: 20 }, (n) => ({ things: things(n) }));
    await rig.process(additions(0, 7), 1000);
    expect(await batchSizes()).to.deep.equal([2, 1, 1, 2]);
    await rig.process([], 0);
    rig.time += 1000;
    await rig.process([], 1000);
    expect([await batchSizes(), rig.checkpoints]).to.deep.equal([
      [2, 1, 1, 2, 1],
      ['2', '3', '4', '6', '7'],
    ]);
  });

  it('before it has more than so many bytes', async () => {
    start({ batchBytes: 250 }, (n) => ({ things: [{ id: String(n), name: 'x'.repeat(70) }] }));
    await rig.process(additions(0, 5), 1000);
    expect(await batchSizes()).to.deep.equal([2, 2]);
  });

  it('after so many milliseconds', async () => {
    start({ batchMillis: 1000 });
    await rig.process(additions(0, 2), 60_000);
    rig.time += 999;
    await rig.process(additions(2, 3), 60_000);
    expect(await batchSizes()).to.deep.equal([]);
    rig.time += 1;
    await rig.process([], 60_000);
    expect([await batchSizes(), rig.checkpoints]).to.deep.equal([[3], ['3']]);
  });

  it('at once when the shard is idle, but not for each of a trickle', async () => {
    start({ batchMillis: 1000 });
    await rig.process(additions(0, 1), 0);
    expect(await batchSizes()).to.deep.equal([1]);
    for (let n = 1; n < 6; n++) {
      rig.time += 50;
      await rig.process(additions(n, n + 1), 0);
    }
    expect(await batchSizes()).to.deep.equal([1, 5]);
  });

  it('when its shard ends or its worker stops', async () => {
    start({});
    await rig.process(additions(0, 1), 1000);
    await rig.processor.shutdownRequested({ checkpointer: rig.checkpointer });
    expect([await batchSizes(), rig.checkpoints]).to.deep.equal([[1], ['1']]);
    await rig.process(additions(1, 2), 1000);
    await rig.processor.shardEnded({ checkpointer: rig.checkpointer });
    expect([await batchSizes(), rig.checkpoints]).to.deep.equal([
      [1, 1],
      ['1', '2', undefined],
    ]);
  });

  it('without a trace when the shard is lost', async () => {
    start({});
    await rig.process(additions(0, 1), 1000);
    await rig.processor.leaseLost();
    await rig.process([], 0);
    await rig.processor.shutdownRequested({ checkpointer: rig.checkpointer });
    expect([await rig.manifests(), rig.pointers, rig.checkpoints]).to.deep.equal([[], [], []]);
  });

  it('together with those of other catalogs, so that one checkpoint covers all', async () => {
    rig = new Rig({
      limits: { batchBundles: 2 },
      catalogs: (repository) => toyCatalogs(repository, ['toys', 'tools']),
    });
    for (let n = 0; n < 3; n++) rig.repository.put(fqid(n), { things: [] });
    const records = [rig.record('add', fqid(0)), rig.record('add', fqid(1), 'tools'), rig.record('add', fqid(2))];
    await rig.process(records, 1000);
    const sizes = rig.pointers.map(({ catalog, bundles }) => [catalog, bundles.length]);
    expect([sizes, rig.checkpoints]).to.deep.equal([
      [
        ['toys', 2],
        ['tools', 1],
      ],
      ['3'],
    ]);
  });
});
