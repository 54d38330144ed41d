import { rm, writeFile } from 'node:fs/promises';
import { expect } from 'chai';
import { manifestKey, tableKey } from '../../core/staged/layout.ts';
import { StagedCheck } from '../../transform/loading/staged-check.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add, remove } from '../rigs/transform/cages.ts';
import { openTestCatalog, type TestCatalog, testCatalog } from '../rigs/transform/computed.ts';

const cages = { a: [{ id: 'ada' }] };
const bundle = (uuid: string) => add({ uuid, version: '1', cages });

describe('Beside a store that lives', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(zoo);
  });
  afterEach(() => catalog.close());

  async function found() {
    const check = new StagedCheck(catalog.context, catalog.loading);
    await check.look();
    return check.known;
  }
  const well = { files: { number: 0, first: null }, missing: 0, unreadable: null };

  it('it is noticed what the store lacks of what is staged, and what is gone or damaged of that', async () => {
    expect(await found()).to.deep.equal(well);
    const batch = await catalog.stage([
      bundle('one'),
      bundle('two'),
      bundle('one'),
      remove({ uuid: 'two', version: '1' }),
    ]);
    const other = await catalog.stage([bundle('three')]);
    await catalog.load([batch, other]);
    expect(await found()).to.deep.equal(well);

    await catalog.store.run("DELETE FROM bundles WHERE bundle_uuid != 'two'");
    expect(await found()).to.deep.equal({ ...well, missing: 2 });

    const key = tableKey(testCatalog, 'entities', other);
    await rm(await catalog.objects.localPath(key));
    const files = { number: 1, first: key };
    expect(await found()).to.deep.equal({ ...well, files, missing: 2 });

    await rm(await catalog.objects.localPath(tableKey(testCatalog, 'bundles', other)));
    expect(await found()).to.deep.include({ missing: 1, unreadable: null });
    await writeFile(await catalog.objects.localPath(tableKey(testCatalog, 'bundles', other)), 'no Parquet');
    const { unreadable } = (await found()) ?? well;
    expect(unreadable).to.include(`bundles/${other}.parquet`);
    expect(unreadable).to.not.match(/tmp|lazuli-/);

    await catalog.objects.put(manifestKey(testCatalog, other), Buffer.from('{"torn'));
    expect((await found())?.unreadable).to.equal(`${manifestKey(testCatalog, other)} is not what was staged`);
  });
});
