import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { Answered } from '../../ingest/answered.ts';
import { signRequest } from '../../ingest/sign.ts';
import { asking, key, now, startIndexer } from '../rigs/streams/indexer.ts';
import { someRun } from '../rigs/transform/runs.ts';

const minute = 60_000;
const bundle = { uuid: '56a338fe-7554-4b5d-96a2-7df127a7640b', version: '1', source: { id: 'a', spec: 'b:' } };
const notification = JSON.stringify({ bundle_fqid: bundle });

/** A request as it was once signed, to be sent as often as one likes. */
async function recorded(path: string, body = notification, created = now) {
  const url = `http://indexer${path}`;
  const signature = await signRequest(key, { method: 'POST', url, body: Buffer.from(body), created });
  return async (indexer: { readonly url: string }) => {
    const headers = { 'Content-Type': 'application/json', ...signature };
    const response = await fetch(indexer.url + path, { method: 'POST', headers, body });
    return [response.status, await response.text()];
  };
}

describe('a signed request that is sent again', () => {
  let folder: string;
  let records: FolderStore;
  const started: { stop(): Promise<void> }[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-'));
    records = new FolderStore(folder);
  });
  afterEach(async () => {
    for (const one of started.splice(0)) await one.stop();
    rmSync(folder, { recursive: true });
  });

  /** One of several indexers of a deployment, or the next process of one. */
  const start = async (parts: Parameters<typeof startIndexer>[0] = {}) => {
    const indexer = await startIndexer({ records, ...parts });
    started.push(indexer);
    return indexer;
  };

  it('is answered as before and does nothing, by whichever indexer', async () => {
    const [first, second] = [await start(), await start()];
    const send = await recorded('/hca/delete');
    const answers = [await send(first), await send(first), await send(second)];
    expect(answers).to.deep.equal([
      [202, ''],
      [202, ''],
      [202, ''],
    ]);
    expect([first.records.length, second.records.length]).to.deep.equal([1, 0]);
  });

  it('does not undo what came after it', async () => {
    const indexer = await start();
    const remove = await recorded('/hca/delete');
    for (const send of [remove, await recorded('/hca/restore'), remove]) await send(indexer);
    const actions = indexer.records.map(({ record }) => (record as { action: string }).action);
    expect(actions).to.deep.equal(['delete', 'restore']);
  });

  it('is done once, however many arrive together', async () => {
    const [first, second] = [await start(), await start()];
    const send = await recorded('/hca/add');
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => send(i % 2 === 0 ? first : second)));
    expect(new Set(answers.map((answer) => answer.join()))).to.deep.equal(new Set(['202,']));
    expect(first.records.length + second.records.length).to.equal(1);
  });

  it('is two where two were signed, equal and in the same second', async () => {
    const indexer = await start();
    for (const send of [await recorded('/hca/add'), await recorded('/hca/add')]) await send(indexer);
    expect(indexer.records.length).to.equal(2);
  });

  it('begins, cancels or resumes one run', async () => {
    const asked: string[] = [];
    const runs = asking({
      startRun: async () => {
        asked.push('start');
        return { ...someRun, attempts: asked.length };
      },
      cancelRun: async () => void asked.push('cancel'),
      resumeRun: async () => void asked.push('resume'),
    });
    const indexer = await start({ runs });
    const paths = ['/runs/hca', `/runs/hca/${someRun.id}/cancel`, `/runs/hca/${someRun.id}/resume`];
    for (const path of paths) {
      const send = await recorded(path, '');
      const [one, two, three] = [await send(indexer), await send(indexer), await send(indexer)];
      expect([two, three], path).to.deep.equal([one, one]);
    }
    expect(asked).to.deep.equal(['start', 'cancel', 'resume']);
  });

  it('stays refused, even when it would be taken by now', async () => {
    const state = { running: true };
    const started: string[] = [];
    const runs = asking({
      startRun: async ({ catalog }) => {
        if (state.running) throw new LazuliError('conflict', 'Run x is running', { remedy: 'Let it end.' });
        started.push(catalog);
        return someRun;
      },
    });
    const indexer = await start({ runs });
    const send = await recorded('/runs/hca', '');
    const refused = await send(indexer);
    expect(refused).to.deep.equal([409, '{"Code":"ConflictError","Message":"Run x is running. Let it end."}']);
    state.running = false;
    expect(await send(indexer)).to.deep.equal(refused);
    expect(started).to.deep.equal([]);
  });

  it('is taken where it was not before', async () => {
    const indexer = await start();
    const send = await recorded('/hca/add');
    indexer.stream.up = false;
    expect((await send(indexer))[0]).to.equal(503);
    indexer.stream.up = true;
    expect([(await send(indexer))[0], (await send(indexer))[0]]).to.deep.equal([202, 202]);
    expect(indexer.records.length).to.equal(1);
  });

  it('is not taken while nothing can be remembered', async () => {
    const full = async () => {
      throw new LazuliError('staging_unavailable', 'The disk /secret is full');
    };
    const indexer = await start({
      records: { ...records, putIfAbsent: full, put: full, get: full, delete: full, list: full as never },
    });
    const [status, text] = await (await recorded('/hca/add'))(indexer);
    expect([status, indexer.records]).to.deep.equal([503, []]);
    expect(text).not.to.include('secret');
  });

  it('is refused when its time is over, and forgotten after that', async () => {
    const time = { now };
    const indexer = await start({ time });
    const send = await recorded('/hca/add');
    await send(indexer);
    time.now += 15 * minute;
    expect((await send(indexer))[0]).to.equal(202);
    time.now += 1;
    expect((await send(indexer))[0]).to.equal(401);
    time.now += 15 * minute + 1000;
    await (await recorded('/hca/add', notification, time.now))(indexer);
    await indexer.stop();
    started.length = 0;
    expect(readdirSync(join(folder, '_signatures')).length).to.equal(1);
    expect(indexer.records.length).to.equal(2);
  });

  it('is forgotten no further once its indexer stops', async () => {
    for (let i = 0; i < 3; i++)
      await records.put(`_signatures/${String(i).padStart(12, '0')}-old`, Buffer.from('null'));
    const deleting = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const slow = {
      put: (key: string, value: Uint8Array) => records.put(key, value),
      putIfAbsent: (key: string, value: Uint8Array) => records.putIfAbsent(key, value),
      get: (key: string) => records.get(key),
      list: (prefix: string) => records.list(prefix),
      delete: async (key: string) => {
        deleting.resolve();
        await goOn.promise;
        await records.delete(key);
      },
    };
    const answered = new Answered({ records: slow, clock: systemClock, logger: noLogger, window: minute });
    const signature = { id: 'new', created: now };
    await answered.once(signature, async () => ({ status: 202, body: null }));
    await deleting.promise;
    const stopped = answered.stop();
    goOn.resolve();
    await stopped;
    expect(readdirSync(join(folder, '_signatures')).length).to.equal(3);
  });
});
