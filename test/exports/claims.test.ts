import { expect } from 'chai';
import { begun, lossesBefore } from '../../exports/attempt.ts';
import { Claims, inTurn } from '../../exports/claims.ts';
import { requestOf } from '../rigs/exports/requests.ts';
import { exportScene, type Scene } from '../rigs/exports/scene.ts';

const place = (caller: string, at: number, number = 1) => ({
  hash: `${caller}${at}`.padEnd(43, '_'),
  number,
  caller,
  at,
});

describe('The next job of an export worker', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await exportScene();
  });
  afterEach(() => scene[Symbol.asyncDispose]());

  const queue = async (filters: string, caller = 'ann', number = 1) => {
    const { hash, request } = requestOf({ filters });
    await scene.jobs.queueUp(hash, request, { number, caller });
    return hash;
  };

  it('is that of the caller for whom least is worked on, then the one that waits for longest', () => {
    const waiting = [place('ann', 1), place('ann', 2), place('bob', 3), place('cyd', 4), place('bob', 5)];
    const order = (busy: readonly string[]) => inTurn(waiting, busy).map(({ caller, at }) => `${caller}${at}`);
    expect(order([])).to.deep.equal(['ann1', 'ann2', 'bob3', 'cyd4', 'bob5']);
    expect(order(['ann'])).to.deep.equal(['bob3', 'cyd4', 'bob5', 'ann1', 'ann2']);
    expect(order(['ann', 'bob', 'ann'])).to.deep.equal(['cyd4', 'bob3', 'bob5', 'ann1', 'ann2']);
  });

  it('is one that nobody else has', async () => {
    await Promise.all(['1', '2', '3', '4', '5', '6'].map((filters) => queue(filters)));
    const workers = ['a', 'b', 'c'].map((name) => new Claims(scene.jobs, name, 10));
    const claimed = await Promise.all([...workers, ...workers].map((claims) => claims.next([])));
    const later = await Promise.all(workers.map((claims) => claims.next([])));
    const hashes = [...claimed, ...later].flatMap((attempt) => (attempt === null ? [] : [attempt.job.hash]));
    expect(new Set(hashes).size).to.equal(hashes.length);
    for (let rest = await workers[0]?.next([]); rest; rest = await workers[0]?.next([])) hashes.push(rest.job.hash);
    expect(new Set(hashes).size).to.equal(6);
  });

  it('is the next attempt where a worker has died, which is counted', async () => {
    const hash = await queue('1');
    const dead = await new Claims(scene.jobs, 'dead', 3).next([]);
    expect(dead?.losses).to.equal(0);
    const claims = new Claims(scene.jobs, 'alive', 3);
    expect(await claims.next([])).to.equal(null);
    for (let look = 0; look < 4; look++) {
      expect(await scene.jobs.queue.has(hash, 2)).to.equal(false);
      await claims.watch();
    }
    const next = await claims.next([]);
    expect([next?.place.number, next?.losses]).to.deep.equal([2, 1]);
    expect(await scene.jobs.queue.has(hash, 1)).to.equal(false);
    expect(await dead?.beat({ rows: 0, total: null, bytes: 0 }).catch((error) => error)).to.be.instanceOf(Error);
  });

  it('is nobody’s as long as its worker gives signs of life', async () => {
    await queue('1');
    const attempt = await new Claims(scene.jobs, 'alive', 3).next([]);
    const claims = new Claims(scene.jobs, 'other', 3);
    for (let look = 0; look < 10; look++) {
      expect(await claims.next([])).to.equal(null);
      if (look % 2 === 0) await attempt?.beat({ rows: look, total: null, bytes: 0 });
      await claims.watch();
    }
  });

  it('is not what was ended by a worker that died before it left the queue', async () => {
    const hash = await queue('1');
    const record = begun('dead', 0);
    const result = { rows: 1, bytes: 1, name: 'a' };
    await scene.jobs.attempts.claim(hash, 1, { ...record, end: { as: 'done', at: 1, result } });
    const claims = new Claims(scene.jobs, 'alive', 3);
    expect(await claims.next([])).to.equal(null);
    await claims.watch();
    expect(await scene.jobs.queue.all()).to.deep.equal([]);
  });

  it('counts only attempts that were lost, and only those right before it', async () => {
    const { hash } = requestOf();
    const { attempts } = scene.jobs;
    expect(await lossesBefore(attempts, hash, 1)).to.equal(0);
    await attempts.claim(hash, 1, begun('dead', 0));
    await attempts.claim(hash, 2, begun('dead', await lossesBefore(attempts, hash, 2)));
    expect(await lossesBefore(attempts, hash, 3)).to.equal(2);
    await attempts.claim(hash, 3, { ...begun('alive', 2), end: { as: 'released', at: 1 } });
    expect(await lossesBefore(attempts, hash, 4)).to.equal(0);
  });

  it('has a record of what is asked for, else its place goes', async () => {
    await scene.jobs.queue.add(place('ann', 1));
    expect(await new Claims(scene.jobs, 'alive', 3).next([])).to.equal(null);
    expect(await scene.jobs.queue.all()).to.deep.equal([]);
  });
});
