import { join } from 'node:path';
import { expect } from 'chai';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { Store } from '../../transform/store/store.ts';
import { Pipeline } from './pipeline.ts';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

const mebibyte = 2 ** 20;

/** Skips the test where there can be no small disk. */
function smallDisk(test: Mocha.Context, bytes: number): SmallDisk {
  const disk = mountSmallDisk(bytes);
  if (disk !== null) return disk;
  console.log('      skipped: no small file system can be mounted here (that takes root and the mount command)');
  return test.skip();
}

async function untilFails(work: () => Promise<void>): Promise<Error> {
  for (;;) {
    const error = await work().then(
      () => null,
      (cause: Error) => cause,
    );
    if (error !== null) return error;
  }
}

describe('A disk that is full', () => {
  for (const [when, threshold] of [
    ['at a commit', '1MB'],
    ['where its log is to be put away', '1GB'],
  ] as const) {
    it(`has DuckDB give the file of a store up ${when}; it goes on once there is room, with all that was committed`, async function () {
      using disk = smallDisk(this, 48 * mebibyte);
      const limits = { memoryBytes: 256 * mebibyte, threads: 1 };
      const store = await Store.open(join(disk.folder, 'store.duckdb'), hca, limits);
      await store.run('CREATE TEMP TABLE kept AS SELECT 1 AS one');
      await store.run(`SET checkpoint_threshold = '${threshold}'`);
      const batch = 5000;
      const add = (): Promise<void> =>
        store.transaction(() =>
          store.run(`INSERT INTO row_ids SELECT i, i, md5(i::VARCHAR) FROM range(${batch}) t(i)`),
        );
      const rows = (): Promise<number> => store.number('SELECT count(*) FROM row_ids');
      for (let i = 0; i < 4; i++) await add();
      disk.fill(mebibyte / 2);
      let added = 4;
      const failed = await untilFails(async () => {
        if (threshold === '1GB') await store.settle();
        await add();
        added++;
      });
      expect(failed).to.include({ code: 'store_exhausted' });
      expect(failed.message).to.match(/has been invalidated/);
      expect(await rows()).to.equal(added * batch);
      disk.free();
      await add();
      expect([await rows(), await store.number('SELECT one FROM kept')]).to.deep.equal([(added + 1) * batch, 1]);
      const seen = await store.peek('SELECT count(*)::INTEGER AS rows FROM row_ids');
      expect(seen).to.deep.equal([{ rows: (added + 1) * batch }]);
      await store.close();
    });
  }

  it('pauses ingest where it is that of staging; once there is room, nothing is lost', async function () {
    using disk = smallDisk(this, 16 * mebibyte);
    await using pipeline = await Pipeline.open({ folders: { staging: disk.folder } });
    await pipeline.start();
    disk.fill(128 * 1024);
    await pipeline.notify();
    expect(await pipeline.ingestPaused()).to.match(/^staging_unavailable: .*The disk is full/);
    await pipeline.expectNoLetters();
    disk.free();
    await pipeline.expectClean();
  });

  it('pauses transform where it is that of store and spill; once there is room, nothing is lost', async function () {
    using disk = smallDisk(this, 64 * mebibyte);
    await using pipeline = await Pipeline.open({ folders: { state: disk.folder } });
    await pipeline.startTransform();
    disk.fill(64 * 1024);
    await pipeline.startIngest();
    await pipeline.notify();
    expect(await pipeline.paused()).to.match(/ran out of disk/);
    await pipeline.expectNoLetters();
    disk.free();
    await pipeline.expectClean();
  });
});
