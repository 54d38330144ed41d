import { expect } from 'chai';
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

describe('A disk that is full', () => {
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
    expect(await pipeline.paused()).to.match(/ran out of memory or disk/);
    await pipeline.expectNoLetters();
    disk.free();
    await pipeline.expectClean();
  });
});
