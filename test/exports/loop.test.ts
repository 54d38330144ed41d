import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import type { JobState } from '../../core/exports/jobs.ts';
import type { ExportRequest } from '../../core/exports/request.ts';
import { requestOf } from '../rigs/exports/requests.ts';
import { exportScene, type Scene, writesRequest } from '../rigs/exports/scene.ts';
import { until } from '../rigs/until.ts';

describe('An export worker', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await exportScene();
  });
  afterEach(() => scene[Symbol.asyncDispose]());

  const queue = async (over: Partial<ExportRequest> = {}, caller = 'ann') => {
    const { hash, request } = requestOf(over);
    await scene.jobs.queueUp(hash, request, { number: (await scene.jobs.look(hash)).next, caller });
    return hash;
  };
  const ended = async (hash: string): Promise<JobState> => {
    const over = (kind: string) => kind === 'done' || kind === 'failed';
    await until(async () => over((await scene.jobs.look(hash)).state.kind));
    return (await scene.jobs.look(hash)).state;
  };

  it('makes what is asked for, puts it where callers can have it, and leaves nothing else behind', async () => {
    const hashes = await Promise.all(['{}', '{"a":1}', '{"b":2}'].map((filters) => queue({ filters })));
    scene.start();
    const states = await Promise.all(hashes.map(ended));
    expect(states.map(({ kind }) => kind)).to.deep.equal(['done', 'done', 'done']);
    const files = hashes.map((hash) => readFile(join(scene.folder, 'results', `${hash}.tsv`), 'utf8'));
    expect(await Promise.all(files)).to.deep.equal(['{}', '{"a":1}', '{"b":2}']);
    const [state] = states;
    expect(state?.kind === 'done' && state.result).to.deep.include({ rows: 1, bytes: 2 });
    expect(state?.kind === 'done' && state.result.name).to.match(/^flora-manifest-[0-9a-f-]{36}\.[0-9a-f-]{36}\.tsv$/);
    expect(await scene.jobs.queue.all()).to.deep.equal([]);
    await until(async () => (await readdir(join(scene.folder, 'state'))).length === 0);
  });

  it('tells what went wrong where that helps, and goes on', async () => {
    const errors: Record<string, Error> = {
      dead: new LazuliError('manifest_failed', 'it has too many columns.', { remedy: 'Ask for less.' }),
      pause: new LazuliError('staging_unavailable', '/secret/path is full', { remedy: 'Free some space.' }),
      other: new TypeError('secrets of the inside'),
    };
    const hashes = await Promise.all(Object.keys(errors).map((filters) => queue({ filters })));
    const good = await queue();
    scene.start({
      make: async (making) => {
        const error = errors[making.request.filters];
        if (error !== undefined) throw error;
        return writesRequest(making);
      },
    });
    const failures = (await Promise.all(hashes.map(ended))).map((state) => state.kind === 'failed' && state.failure);
    expect(failures).to.deep.equal([
      { code: 'manifest_failed', message: 'it has too many columns.', remedy: 'Ask for less.' },
      {
        code: 'staging_unavailable',
        message: 'it is not possible at the moment.',
        remedy: 'Request it again in a minute.',
      },
      { code: 'unexpected', message: 'an internal error occurred.', remedy: 'Request it again.' },
    ]);
    expect((await ended(good)).kind).to.equal('done');
  });

  it('tells how far it is meanwhile, and that it is there', async () => {
    const hash = await queue();
    let go = () => {};
    const waiting = new Promise<void>((resolve) => {
      go = resolve;
    });
    scene.start({
      make: async (making) => {
        await writeFile(making.file, '12345');
        making.onProgress({ rows: 2, total: 8 });
        await waiting;
        return writesRequest(making);
      },
    });
    const isTold = async () => {
      const { state } = await scene.jobs.look(hash);
      return state.kind === 'running' && JSON.stringify(state.progress) === '{"rows":2,"total":8,"bytes":5}';
    };
    await until(isTold);
    await until(async () => (await scene.workers.heard(Date.now())).size === 1);
    go();
    expect((await ended(hash)).kind).to.equal('done');
  });

  it('works on so many at a time, of all callers in turn', async () => {
    for (let i = 0; i < 6; i++) await queue({ filters: `ann ${i}` });
    await queue({ filters: 'bob 0' }, 'bob');
    const order: string[] = [];
    let [running, most] = [0, 0];
    const loop = scene.start({
      concurrentJobs: 2,
      make: async (making) => {
        order.push(making.request.filters);
        most = Math.max(most, ++running);
        await until(async () => order.length > 2 || running === 2);
        running--;
        return writesRequest(making);
      },
    });
    await until(async () => (await scene.jobs.queue.all()).length === 0);
    expect([order.length, most, loop.running]).to.deep.equal([7, 2, 0]);
    expect(order.indexOf('bob 0')).to.equal(1);
  });

  it('leaves its job to another one when it is asked to end', async () => {
    const hash = await queue();
    let [began, told] = [false, false];
    const first = scene.start({
      make: ({ signal }) => {
        began = true;
        return new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            told = true;
            reject(signal.reason);
          });
        });
      },
    });
    await until(async () => began);
    await first.stop();
    expect([told, (await scene.jobs.look(hash)).state.kind]).to.deep.equal([true, 'waiting']);
    expect((await scene.workers.heard(Date.now())).size).to.equal(0);
    scene.start();
    expect((await ended(hash)).kind).to.equal('done');
  });

  it('ends a job whose catalog has lost a source', async () => {
    const hash = await queue({ sources: ['a'] });
    scene.start({
      make: async ({ signal }) => {
        scene.sources = new Set(['b']);
        await until(async () => signal.aborted);
        throw signal.reason;
      },
    });
    const state = await ended(hash);
    expect(state.kind === 'failed' && state.failure.message).to.match(/source that it would show was removed/);
  });

  it('ends a job that takes too much of the disk', async () => {
    const hash = await queue();
    scene.start({
      temporaryBytes: 100,
      make: async ({ temporary, signal }) => {
        await writeFile(join(temporary, 'spilled'), Buffer.alloc(200));
        await until(async () => signal.aborted);
        return { rows: 0, name: null };
      },
    });
    const state = await ended(hash);
    expect(state.kind === 'failed' && state.failure.message).to.match(/takes more than 100 bytes/);
  });

  it('makes nothing of a request of another version', async () => {
    const hash = await queue({ version: 999 });
    scene.start();
    const state = await ended(hash);
    expect(state.kind === 'failed' && state.failure.message).to.match(/of another version/);
  });

  it('gives a job up of which three workers have died', async () => {
    const hash = await queue();
    const { attempts } = scene.jobs;
    const record = { worker: 'dead', beat: 1, progress: { rows: 0, total: null, bytes: 0 }, end: null };
    for (const number of [1, 2, 3]) await attempts.claim(hash, number, { ...record, losses: number - 1 });
    await scene.jobs.queue.remove(hash, 1);
    await scene.jobs.queue.add({ hash, number: 4, caller: 'ann', at: 1 });
    scene.start();
    const state = await ended(hash);
    expect(state.kind === 'failed' && state.failure.message).to.match(/3 workers died of it/);
    await queue();
    await until(async () => (await scene.jobs.look(hash)).state.kind === 'done');
  });
});
