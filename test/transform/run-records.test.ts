import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Halts } from '../../core/runs/halts.ts';
import type { Run } from '../../core/runs/run.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { RunRecords } from '../../transform/runs/records.ts';
import { someRun } from '../rigs/transform/runs.ts';

const run = (number: number): Run => ({ ...someRun, id: `20260101T0000${String(number).padStart(5, '0')}Z-abcdef` });

describe('Objects beside the staged batches', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-records-'));
  const store = new FolderStore(folder);
  before(() => store.prepare());
  after(() => rmSync(folder, { recursive: true }));

  it('are the latest hundred runs, the latest first', async () => {
    const records = new RunRecords(store, 'hca', noLogger);
    for (let i = 0; i < 105; i++) await records.put(run(i));
    await records.forgetOld();
    const all = await records.all();
    expect([all.length, all[0]?.id, all.at(-1)?.id]).to.deep.equal([100, run(104).id, run(5).id]);
  });

  it('may lack what earlier versions did not record', async () => {
    const records = new RunRecords(store, 'earlier', noLogger);
    const { sources, rate, eta, failures, vanished, acceptsVanished, ...earlier } = { ...run(1), catalog: 'earlier' };
    await store.put(`earlier/runs/${earlier.id}.json`, Buffer.from(JSON.stringify(earlier)));
    expect(await records.all()).to.deep.equal([
      { ...earlier, sources: [], rate: null, eta: null, failures: {}, vanished: null, acceptsVanished: false },
    ]);
  });

  it('that are no records of runs are passed over, and told of', async () => {
    const damaged: unknown[] = [];
    const logger = { warn: (fields: object) => void damaged.push(fields) };
    const records = new RunRecords(store, 'other', logger);
    await records.put({ ...run(1), catalog: 'other' });
    await store.put('other/runs/20270101T000000000Z-abcdef.json', Buffer.from('{'));
    expect((await records.all()).map(({ id }) => id)).to.deep.equal([run(1).id]);
    expect(damaged).to.deep.equal([{ catalog: 'other', key: 'other/runs/20270101T000000000Z-abcdef.json' }]);
  });

  it('halt what they name, whatever they say', async () => {
    let now = 10_000;
    const halts = new Halts(store, { now: () => now });
    await halts.halt('ingest');
    now += 5_000;
    await halts.halt('ingest');
    expect([(await halts.of('ingest'))?.since, await halts.of('emit')]).to.deep.equal([10_000, null]);
    await store.put('_halted/emit.json', Buffer.from('broken'));
    now += 5_000;
    expect((await halts.of('emit'))?.since).to.equal(0);
    await halts.resume('ingest');
    now += 5_000;
    expect(await halts.of('ingest')).to.equal(null);
  });
});
