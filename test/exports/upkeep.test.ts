import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { begun } from '../../exports/attempt.ts';
import { cleanUp } from '../../exports/upkeep.ts';
import { requestOf } from '../rigs/exports/requests.ts';
import { exportScene, type Scene } from '../rigs/exports/scene.ts';

const day = 24 * 60 * 60 * 1000;

async function all<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const found = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('What is over', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await exportScene();
  });
  afterEach(() => scene[Symbol.asyncDispose]());

  const cleaned = async (now: number) => {
    const { jobs, objects, workers } = scene;
    await cleanUp({ jobs, objects, workers, lifeMillis: 7 * day, clock: { now: () => now } });
  };

  it('goes: results after their life, and a little later for the URLs that were signed at its end', async () => {
    const file = join(scene.folder, 'made');
    await writeFile(file, 'x');
    for (const [name, days] of [
      ['new.tsv', 0],
      ['old.tsv', 7.05],
      ['over.tsv', 7.2],
    ] as const) {
      await scene.objects.put(name, file);
      const at = (Date.now() - days * day) / 1000;
      await utimes(join(scene.folder, 'results', name), at, at);
    }
    await cleaned(Date.now());
    expect(await all(scene.objects.list())).to.deep.equal(['new.tsv', 'old.tsv']);
  });

  it('goes: what workers that were killed had begun to put, once that is long ago', async () => {
    const file = join(scene.folder, 'made');
    await writeFile(file, 'x');
    await scene.objects.put('whole.tsv', file);
    const results = join(scene.folder, 'results');
    for (const [name, days] of [
      ['.tmp-1-new', 0.5],
      ['.tmp-2-old', 1.5],
    ] as const) {
      await writeFile(join(results, name), 'x');
      const at = (Date.now() - days * day) / 1000;
      await utimes(join(results, name), at, at);
    }
    await cleaned(Date.now());
    expect((await readdir(results)).sort()).to.deep.equal(['.tmp-1-new', 'whole.tsv']);
  });

  it('goes: jobs that nobody has asked for since, but not those that are to be made', async () => {
    const { jobs } = scene;
    const hashes = [];
    for (const filters of ['done', 'failed', 'waiting', 'lost']) {
      const { hash, request } = requestOf({ filters });
      await jobs.queueUp(hash, request, { number: 1, caller: 'ann' });
      hashes.push(hash);
    }
    const [done = '', failed = '', waiting = '', lost = ''] = hashes;
    const result = { rows: 1, bytes: 1, name: 'a' };
    await jobs.attempts.claim(done, 1, { ...begun('w', 0), end: { as: 'done', at: Date.now(), result } });
    const failure = { code: 'unexpected', message: 'no', remedy: null };
    await jobs.attempts.claim(failed, 1, { ...begun('w', 0), end: { as: 'failed', at: Date.now(), failure } });
    for (const hash of [done, failed, lost]) await jobs.queue.remove(hash, 1);
    await cleaned(Date.now());
    expect([...(await all(jobs.all()))].sort()).to.deep.equal([...hashes].sort());
    await cleaned(Date.now() + 9 * day);
    expect(await all(jobs.all())).to.deep.equal([waiting]);
    expect(await jobs.attempts.numbers(done)).to.deep.equal([]);
  });

  it('goes: what workers said of themselves that died', async () => {
    const now = Date.now();
    await scene.workers.tell('dead', { at: now - 2 * day, running: 1 });
    await scene.workers.tell('alive', { at: now, running: 1 });
    expect([...(await scene.workers.heard(now)).keys()]).to.deep.equal(['alive']);
    await cleaned(now);
    expect([...(await scene.workers.all()).keys()]).to.deep.equal(['alive']);
  });
});
