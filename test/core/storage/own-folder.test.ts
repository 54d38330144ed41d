import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { markFolder, ownFolder } from '../../../core/storage/own-folder.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';

const hours = 60 * 60 * 1000;

describe('What workers leave on a disk', () => {
  it('is removed by the next one, and nothing of one that lives, in whatever container', async () => {
    await using folder = await temporaryFolder();
    const now = Date.now();
    const names = () => readdirSync(folder.path).sort();
    const { pid } = process;
    for (const name of ['worker-one-999999999', 'worker-999999999']) mkdirSync(join(folder.path, name));
    // Processes of containers have the same ids.
    const [one = '', two = ''] = ['one', 'two'].map((host) => ownFolder(folder.path, now, { host, pid }));
    expect(names()).to.deep.equal([`worker-one-${pid}`, `worker-two-${pid}`]);
    mkdirSync(join(one, 'job'));
    mkdirSync(join(two, 'job'));
    expect(ownFolder(folder.path, now, { host: 'one', pid })).to.equal(one);
    expect([readdirSync(one), readdirSync(two)]).to.deep.equal([[], ['job']]);
    await markFolder(two, now + 20 * hours);
    ownFolder(folder.path, now + 30 * hours, { host: 'three', pid });
    expect(names()).to.deep.equal([`worker-three-${pid}`, `worker-two-${pid}`]);
  });
});
