import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Store } from '../../transform/store/store.ts';
import { Life } from './life.ts';
import { orchard } from './orchard.ts';
import { VirtualTime } from './time.ts';
import { ofProcess } from './workers.ts';

describe('A simulated process', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-life-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('leaves nothing under way in its store where it dies in a transaction', async () => {
    const time = new VirtualTime(1000);
    const life = new Life('worker', time);
    const store = await Store.open(join(folder, 'store'), orchard, { memoryBytes: 128 * 2 ** 20, threads: 1 });
    const owned = ofProcess(store, life);
    let later = false;
    void owned.transaction(async () => {
      life.kill();
      await owned.run('SELECT 1');
      later = true;
    });
    await time.quiet();
    await store.close();
    expect(later).to.equal(false);
  });
});
