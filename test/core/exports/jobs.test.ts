import { expect } from 'chai';
import { Jobs } from '../../../core/exports/jobs.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { begun, OwnAttempt } from '../../../exports/attempt.ts';
import { requestOf } from '../../rigs/exports/requests.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';

const clock = { now: () => 1_000 };
const { hash, request } = requestOf();
const result = { rows: 3, bytes: 10, name: 'a.tsv' };

describe('The table of jobs', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let jobs: Jobs;
  beforeEach(async () => {
    folder = await temporaryFolder();
    jobs = new Jobs(new FolderStore(folder.path), clock);
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  const state = async () => (await jobs.look(hash)).state;
  const queue = (number: number) => jobs.queueUp(hash, request, { number, caller: 'ann' });
  const claimed = async (number: number): Promise<OwnAttempt> => {
    const record = begun('worker', 0);
    expect(await jobs.attempts.claim(hash, number, record)).to.equal(true);
    const job = (await jobs.get(hash)) ?? expect.fail('there is no job');
    return new OwnAttempt(jobs, job, { hash, number, caller: 'ann', at: 1_000 }, record);
  };

  it('knows what was asked for, and has one place in the queue for it', async () => {
    expect(await jobs.get(hash)).to.equal(null);
    await queue(1);
    await queue(1);
    expect(await jobs.get(hash)).to.deep.equal({ hash, request, requested: 1_000 });
    expect(await jobs.queue.all()).to.deep.equal([{ hash, number: 1, caller: 'ann', at: 1_000 }]);
    expect(await jobs.look(hash)).to.deep.equal({ state: { kind: 'waiting' }, next: 1 });
  });

  it('tells how far the last attempt is', async () => {
    await queue(1);
    const attempt = await claimed(1);
    expect(await jobs.attempts.claim(hash, 1, begun('other', 0))).to.equal(false);
    const progress = { rows: 1, total: 3, bytes: 4 };
    await attempt.beat(progress);
    expect(await state()).to.deep.equal({ kind: 'running', progress });
    await attempt.finish(result, 2_000);
    expect(await jobs.look(hash)).to.deep.equal({ state: { kind: 'done', result, at: 2_000 }, next: 2 });
    expect(await jobs.queue.all()).to.deep.equal([]);
  });

  it('lets a failure stand until somebody asks anew', async () => {
    await queue(1);
    const failure = { code: 'unexpected', message: 'no', remedy: null };
    await (await claimed(1)).fail(failure, 2_000);
    expect(await state()).to.deep.equal({ kind: 'failed', failure });
    await queue(2);
    expect(await state()).to.deep.equal({ kind: 'waiting' });
    await (await claimed(2)).finish(result, 3_000);
    expect((await state()).kind).to.equal('done');
  });

  it('has a place in the queue for a job whose worker leaves it', async () => {
    await queue(1);
    await (await claimed(1)).release(2_000);
    expect(await state()).to.deep.equal({ kind: 'waiting' });
    expect(await jobs.queue.all()).to.deep.equal([{ hash, number: 2, caller: 'ann', at: 1_000 }]);
  });

  it('hears nothing of a worker whose job was taken over', async () => {
    await queue(1);
    const former = await claimed(1);
    await claimed(2);
    const told = [former.beat({ rows: 1, total: 1, bytes: 1 }), former.finish(result, 2), former.release(2)];
    for (const one of told) expect((await one.catch((error) => error)).message).to.match(/has taken the job over/);
    expect((await state()).kind).to.equal('running');
  });

  it('takes a record that can not be read for one whose worker died', async () => {
    await queue(1);
    await new FolderStore(folder.path).put(`_exports/attempts/${hash}/00000001.json`, Buffer.from('{'));
    expect((await state()).kind).to.equal('running');
  });
});
