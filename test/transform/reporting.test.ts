import { expect } from 'chai';
import { Reports } from '../../core/runs/reports.ts';
import type { Standstill } from '../../core/runs/troubles.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import type { Problem } from '../../core/streams/consumer.ts';
import { type ReportedCatalog, reportCatalog } from '../../transform/owner/reporting.ts';
import type { Pause } from '../../transform/sink/pause.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';

const failure: Pause = { code: 'unexpected', reason: 'it failed, and is taken over again: no such table', since: 5 };
const pause: Pause = { code: 'index_unavailable', reason: 'bulk requests are answered with status 401', since: 6 };
const problem: Problem = { code: 'unavailable', message: 'it is closed', remedy: null, attempts: 1, since: 7 };

const open = (pause: Pause | null): ReportedCatalog['open'] => ({
  owner: { progress: { pause } },
  store: { peek: async () => [{ outbox: 0 }] },
});

/** Why a catalog is reported to stand still. */
async function reported(catalog: ReportedCatalog, problem: Problem | null): Promise<Standstill | null | undefined> {
  await using folder = await temporaryFolder();
  const reports = new Reports(new FolderStore(folder.path));
  const consumer = { status: () => ({ stream: 'batches', problem, shards: [] }) };
  const parts = { consumer, letters: { latest: () => [] }, reports, clock: systemClock, logger: noLogger };
  await reportCatalog('hca', catalog, parts).stop();
  return (await reports.get('transform-hca'))?.paused;
}

describe('Why a catalog is reported to stand still', () => {
  it('is why it was let go of, whatever its consumer met because of that', async () => {
    expect(await reported({ open: null, failure }, problem)).to.deep.equal(failure);
    expect(await reported({ open: open(pause), failure }, problem)).to.deep.equal(failure);
  });

  it('is what its consumer met, or else what its owner waits for', async () => {
    const met = { code: problem.code, reason: problem.message, since: problem.since };
    expect(await reported({ open: open(pause), failure: null }, problem)).to.deep.equal(met);
    expect(await reported({ open: open(pause), failure: null }, null)).to.deep.equal(pause);
    expect(await reported({ open: open(null), failure: null }, null)).to.equal(null);
  });
});
