import { rm } from 'node:fs/promises';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { manifestKey, tableKey } from '../../core/staged/layout.ts';
import { deadLetter } from '../../core/storage/dead-letter.ts';
import { GivenUp } from '../../transform/runs/given-up.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add, remove, restore } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';
import { someRun } from '../rigs/transform/runs.ts';
import { testSource } from '../rigs/transform/staging.ts';

const cages = { c: [{ id: 'a' }] };
const version = (number: string, uuid = 'bundle') => ({ uuid, version: number });

describe('What a run has given up', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo);
  });
  afterEach(() => catalog.close());

  /** The letter of a notification; of what was staged before where it says so. */
  async function refuse(uuid: string, wasStaged: boolean): Promise<void> {
    const about = {
      catalog: testCatalog,
      stage: 'ingest',
      kind: 'notification',
      identity: uuid,
      payload: null,
    } as const;
    const letter = deadLetter(new LazuliError('bundle_invalid', 'no'), about);
    const lost = { source: testSource.id, uuid, version: '2' };
    await catalog.deadLetters.put(wasStaged ? { ...letter, lost } : letter);
  }

  const now = () => new GivenUp(catalog.context, catalog.staged).now(someRun);
  const nothing = { failures: {}, lost: 0 };
  const one = { failures: { bundle_invalid: 1 }, lost: 1 };

  it('is bundles that were staged and are refused now, and no others', async () => {
    await refuse('never staged', false);
    expect(await now()).to.deep.equal(nothing);
    await refuse('bundle', true);
    expect(await now()).to.deep.equal(one);
    await catalog.add([add({ ...version('1'), cages }), add({ ...version('3', 'another'), cages })]);
    expect(await now()).to.deep.equal(one);
  });

  it('is no bundle in whose place something has come', async () => {
    await refuse('bundle', true);
    await catalog.add([remove(version('2'))]);
    expect(await now()).to.deep.equal(nothing);
    await catalog.add([restore(version('2'))]);
    expect(await now()).to.deep.equal(one);
    await catalog.add([add({ ...version('3'), cages })]);
    expect(await now()).to.deep.equal(nothing);
    await catalog.add([remove(version('3'))]);
    expect(await now()).to.deep.equal(one);
    await catalog.add([add({ ...version('2'), cages })]);
    expect(await now()).to.deep.equal(nothing);
  });

  it('is batches that can not be loaded, as long as they count', async () => {
    const batch = await catalog.stage([add({ ...version('1'), cages })]);
    await rm(await catalog.objects.localPath(tableKey(testCatalog, 'entities', batch)));
    await catalog.load([batch]);
    expect(await now()).to.deep.equal({ failures: { batch_damaged: 1 }, lost: 1 });
    await catalog.objects.delete(manifestKey(testCatalog, batch));
    expect(await now()).to.deep.equal({ failures: { batch_damaged: 1 }, lost: 0 });
  });
});
