import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { Copies } from '../../exports/copies.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';

describe('Copies of the objects that an export worker reads', () => {
  it('stay while a job reads them, and as long as there is room; those that were asked for last go last', async () => {
    await using folder = await temporaryFolder();
    const fetched: string[] = [];
    const bucket = {
      async localPath(key: string) {
        const path = join(folder.path, key);
        if (!there().includes(key)) fetched.push(key);
        writeFileSync(path, '0123456789');
        return path;
      },
    } as ObjectStore;
    const there = () => readdirSync(folder.path).sort();
    const copies = new Copies(bucket, 25);
    const read = async (job: ReturnType<Copies['reading']>, ...keys: string[]) => {
      for (const key of keys) expect(await job.objects.localPath(key)).to.equal(join(folder.path, key));
    };

    const [large, small] = [copies.reading(), copies.reading()];
    await read(large, 'a', 'b', 'c', 'a');
    expect(there()).to.deep.equal(['a', 'b', 'c']);
    await read(small, 'b');
    await large[Symbol.asyncDispose]();
    expect(there(), 'the oldest that nobody reads went').to.deep.equal(['a', 'b']);
    await read(small, 'd');
    expect(there()).to.deep.equal(['b', 'd']);
    await small[Symbol.asyncDispose]();
    await small[Symbol.asyncDispose]();
    expect(there()).to.deep.equal(['b', 'd']);
    await Promise.all([read(copies.reading(), 'e', 'f', 'g'), read(copies.reading(), 'g', 'b')]);
    expect(there()).to.include.members(['b', 'e', 'f', 'g']);
    expect(fetched.slice(0, 4)).to.deep.equal(['a', 'b', 'c', 'd']);
  });

  it('go as soon as nobody reads them where jobs may take the whole disk', async () => {
    await using folder = await temporaryFolder();
    const path = join(folder.path, 'a');
    const bucket = { localPath: async () => path } as unknown as ObjectStore;
    writeFileSync(path, '0');
    const job = new Copies(bucket, -1).reading();
    await job.objects.localPath('a');
    expect(readdirSync(folder.path)).to.deep.equal(['a']);
    await job[Symbol.asyncDispose]();
    expect(readdirSync(folder.path)).to.deep.equal([]);
  });
});
