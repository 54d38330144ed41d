import { expect } from 'chai';
import { manifestKey, tableKey } from '../../core/staged/layout.ts';
import { catchUpStore } from '../../transform/owner/lineage.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';
import { compact } from './upkeep.ts';

const limits = { memoryBytes: 400 * 2 ** 20, threads: 1 };
const one = { uuid: 'one', version: '1', cages: { c: [{ id: 'a' }] } };

describe('A store that is taken over', () => {
  let former: TestCatalog;
  let taken: TestCatalog;
  beforeEach(async () => {
    former = await openTestCatalog(zoo);
    taken = await openTestCatalog(zoo, limits, former);
  });
  afterEach(async () => {
    await taken.close();
    await former.close();
  });

  const catchUp = (before = 1) => catchUpStore({ ...taken.context, epoch: before + 1 }, taken.loading, before);

  /** @param before the epoch of the last worker; the one after it takes over, and the store is of epoch 1 */
  async function writer(isCopy: boolean, before = 1) {
    const { store } = taken;
    await store.setMeta('epoch', '1');
    if (isCopy) await store.setMeta('copy', 'of epoch 1');
    const found = await catchUp(before);
    expect((await taken.documents()).size).to.equal((await former.documents()).size);
    return found;
  }

  async function staged(numbers: readonly number[]): Promise<readonly string[]> {
    const batches: string[] = [];
    for (const n of numbers) batches.push(await former.stage([add({ ...one, uuid: `bundle-${n}` })]));
    await former.load(batches);
    return batches;
  }

  it('wrote last where its worker was the one before', async () => {
    await staged([1]);
    expect(await writer(false)).to.equal('this');
    expect(await writer(false, 2)).to.equal('another');
  });

  it('is a copy of the one that did where it was copied, and the rest only adds to it', async () => {
    await taken.load(await staged([1, 2]));
    await staged([3, 4]);
    expect(await writer(true)).to.equal('copied');
    expect(await writer(true, 2)).to.equal('another');
  });

  it('is one where what was merged since is in it', async () => {
    await taken.load(await staged([1, 2, 3, 4, 5, 6, 7, 8]));
    await compact(former);
    expect(await writer(true)).to.equal('copied');
  });

  it('is not one where it lacks something of what was replaced since, however often taking over is tried', async () => {
    await taken.load((await staged([1, 2, 3, 4, 5, 6, 7, 8])).slice(1));
    await compact(former);
    expect(await writer(true)).to.equal('another');
    expect(await catchUp()).to.equal('another');
  });

  it('did not write last where it had to be emptied, however often taking over is tried', async () => {
    const [gone = ''] = await staged([1]);
    await taken.load([gone]);
    await taken.store.setMeta('epoch', '1');
    await former.objects.delete(manifestKey(testCatalog, gone));
    for (const _ of [1, 2]) {
      expect(await catchUp()).to.equal('another');
    }
  });

  it('is not one where it lacks something that can not be loaded', async () => {
    await taken.load(await staged([1]));
    const [batch = ''] = await staged([2]);
    const key = tableKey(testCatalog, 'entities', batch);
    const bytes = await former.objects.get(key);
    await former.objects.put(key, Buffer.from('damaged'));
    const { store } = taken;
    await store.setMeta('epoch', '1');
    await store.setMeta('copy', 'of epoch 1');
    expect(await catchUp()).to.equal('another');
    await former.objects.put(key, bytes ?? new Uint8Array());
    expect(await catchUp()).to.equal('copied');
  });
});
