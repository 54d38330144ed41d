import { expect } from 'chai';
import { describeExports, exportsByCatalog } from '../../cli/pipeline/exports.ts';
import { Jobs } from '../../core/exports/jobs.ts';
import { Workers } from '../../core/exports/workers.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { begun, OwnAttempt } from '../../exports/attempt.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { requestOf } from '../rigs/exports/requests.ts';
import { publishedSnapshot } from './staged.ts';

describe('What `lazuli status` says of exports', () => {
  it('is the newest snapshot, how many jobs wait, run and have failed, and who works', async () => {
    using folder = temporaryFolder();
    const settings = settingsIn(folder.path, ['hca', 'other']);
    const none = { snapshot: null, jobs: { waiting: 0, running: 0, failed: 0 }, atLeast: false, workers: 0 };
    expect([...(await exportsByCatalog(settings))]).to.deep.equal([
      ['hca', none],
      ['other', none],
    ]);
    expect(describeExports(none)).to.equal('nothing published yet; 0 waiting, 0 running, 0 failed; no worker');

    const records = new FolderStore(settings.folders.staging);
    const [jobs, workers] = [new Jobs(records, systemClock), new Workers(records)];
    for (const [i, ends] of (['waits', 'runs', 'fails', 'fails', 'is done'] as const).entries()) {
      const { hash, request } = requestOf({ catalog: 'hca', filters: `{"${i}":0}` });
      const place = { hash, number: 1, caller: 'c', at: 0 };
      await jobs.queueUp(hash, request, place);
      if (ends === 'waits') continue;
      const record = begun('w', 0);
      await jobs.attempts.claim(hash, 1, record);
      const attempt = new OwnAttempt(jobs, { hash, request, requested: 0 }, place, record);
      if (ends === 'fails') await attempt.fail({ code: 'x', message: 'x', remedy: null }, 0);
      if (ends === 'is done') await attempt.finish({ rows: 1, bytes: 1, name: 'x' }, 0);
    }
    await workers.tell('w', { at: Date.now(), running: 1 });
    await workers.tell('dead', { at: Date.now() - 60_000, running: 1 });
    await publishedSnapshot(settings.folders.staging, "SELECT 'a' AS entity_id", []);
    const found = await exportsByCatalog(settings);
    const snapshot = { number: 1, published: '2026-01-01T00:00:00.000Z' };
    const own = { snapshot, jobs: { waiting: 1, running: 1, failed: 2 }, atLeast: false, workers: 1 };
    expect([...found]).to.deep.equal([
      ['hca', own],
      ['other', { ...none, workers: 1 }],
    ]);
    expect(describeExports(own)).to.equal(
      'snapshot 1 of 2026-01-01T00:00:00.000Z; 1 waiting, 1 running, 2 failed; 1 worker',
    );
  });
});
