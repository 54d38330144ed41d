import { expect } from 'chai';
import { type Report, Reports, reportOf } from '../../../core/runs/reports.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import type { ConsumerStatus, Problem, ShardStatus } from '../../../core/streams/consumer.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';

const now = 1_000_000;
const shard = (more: Partial<ShardStatus>): ShardStatus => ({
  ...{ shardId: 's', state: 'running', checkpoint: null, millisBehindLatest: 0, pending: 0, problem: null },
  ...{ readUntil: now - 100, completeUntil: now - 100, ...more },
});
const consumer = (shards: readonly ShardStatus[], problem: Problem | null = null): ConsumerStatus => ({
  ...{ stream: 'stream', problem, shards },
});
const problem: Problem = { code: 'staging_unavailable', message: 'disk full', remedy: null, attempts: 3, since: 5 };
const before: Report = {
  ...{ at: now - 2000, completeUntil: now - 9000, records: 0, complete: true, documents: 0 },
  ...{ unreadable: null, paused: null },
};
const caughtUp = { at: now, completeUntil: now - 100, records: 0, complete: true };
const well = { documents: 0, unreadable: null, paused: null };

describe('The report of a stage', () => {
  it('says that nothing waits where all shards are read to their end', () => {
    const ended = shard({ state: 'ended', readUntil: null, completeUntil: null });
    const status = consumer([shard({}), shard({ completeUntil: now - 50, readUntil: now - 50 }), ended]);
    expect(reportOf(status, now, null)).to.deep.equal({ ...caughtUp, ...well });
  });

  it('says since when the oldest record of any shard waits, and why nothing goes on', () => {
    const stuck = shard({ state: 'paused', pending: 3, completeUntil: now - 70_000, readUntil: now - 60_000, problem });
    expect(reportOf(consumer([shard({ pending: 2 }), stuck]), now, before)).to.deep.equal({
      ...{ at: now, completeUntil: now - 70_000, records: 5, complete: false, documents: 0, unreadable: null },
      paused: { code: 'staging_unavailable', reason: 'disk full', since: 5 },
    });
  });

  it('says that more may wait where a shard is not read at present, or only once others are done', () => {
    const old = reportOf(consumer([shard({ readUntil: now - 11_000, completeUntil: now - 11_000 })]), now, null);
    expect([old.records, old.complete, old.completeUntil]).to.deep.equal([0, false, now - 11_000]);
    const child = shard({ state: 'waiting', readUntil: null, completeUntil: null, millisBehindLatest: null });
    expect(reportOf(consumer([shard({}), child]), now, null)).to.deep.equal({ ...caughtUp, complete: false, ...well });
  });

  it('goes on from the last one where nothing is read yet, as after a restart', () => {
    const unread = shard({ readUntil: null, completeUntil: null, millisBehindLatest: null });
    for (const status of [consumer([]), consumer([shard({}), unread])]) {
      expect(reportOf(status, now, before)).to.include({ completeUntil: now - 9000, complete: false });
      expect(reportOf(status, now, null)).to.include({ completeUntil: now, complete: false });
    }
  });

  it('says when the stream can not be read', () => {
    const unreachable = shard({ state: 'unreachable', problem: { ...problem, message: 'no answer' } });
    expect(reportOf(consumer([unreachable]), now, null).unreadable).to.equal('no answer');
    expect(reportOf(consumer([], problem), now, null).unreadable).to.equal('disk full');
    expect(reportOf(consumer([shard({ state: 'paused', problem })]), now, null).unreadable).to.equal(null);
  });

  it('is kept for whoever asks later, also where it is damaged or was never made', async () => {
    await using folder = await temporaryFolder();
    const objects = new FolderStore(folder.path);
    const reports = new Reports(objects);
    expect(await reports.get('ingest')).to.equal(null);
    await reports.put('ingest', before);
    expect(await new Reports(objects).get('ingest')).to.deep.equal(before);
    for (const value of ['{"at', '{"at": "now"}']) {
      await objects.put('_reports/ingest.json', Buffer.from(value));
      expect(await reports.get('ingest')).to.equal(null);
    }
  });
});
