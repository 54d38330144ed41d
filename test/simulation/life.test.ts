import { join } from 'node:path';
import { expect } from 'chai';
import { Store } from '../../transform/store/store.ts';
import { orchard } from '../rigs/models/orchard.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';
import { Life } from './life.ts';
import { VirtualTime } from './time.ts';
import { ofProcess } from './workers.ts';

describe('A simulated process', () => {
  it('leaves nothing under way in its store where it dies in a transaction', async () => {
    await using folder = await temporaryFolder();
    const time = new VirtualTime(1000);
    const life = new Life('worker', time);
    const store = await Store.open(join(folder.path, 'store'), orchard, { memoryBytes: 128 * 2 ** 20, threads: 1 });
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
