import { open } from 'node:fs/promises';
import { expect } from 'chai';
import { Life } from './life.ts';
import { VirtualTime } from './time.ts';

describe('Simulated time', () => {
  it('waits for files that are opened, read and closed', async () => {
    const time = new VirtualTime();
    let slept = 0;
    const clock = time.clock(new Life('reader', time));
    const read = async (): Promise<void> => {
      for (let i = 0; i < 20; i++) {
        const file = await open(import.meta.filename);
        await file.stat();
        await file.close();
      }
      const before = clock.now();
      await clock.sleep(1000);
      slept = clock.now() - before;
    };
    const reading = read();
    await time.pass(2000);
    expect(slept).to.equal(1001);
    await reading;
  });

  it('tells who is never done', async () => {
    const time = new VirtualTime(20);
    const life = new Life('a worker', time);
    void life.reach('object', () => new Promise(() => undefined));
    const failed = await time.quiet().catch((error: Error) => error.message);
    expect(failed).to.equal('What was asked for never ends: a worker');
  });
});
