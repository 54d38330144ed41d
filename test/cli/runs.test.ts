import { expect } from 'chai';
import { described } from '../../cli/commands/runs.ts';
import { someRun as run } from '../transform/runs.ts';

const now = Date.parse('2026-01-01T00:01:00Z');

describe('`lazuli runs show`', () => {
  it('tells how far a run is, with every source, and when it will end', () => {
    expect(described(run, now).split('\n')).to.deep.equal([
      '20260101T000000000Z-abcdef: reindex of hca into generation 3, running',
      'documents: 9/15, 0.5/s, ETA 12.0 s',
      'source  expected  computed  written  verified',
      'a       6         6         5        0',
      'b       10        10        4        0',
      'dead letters: 2 document_rejected, 1 document_too_large',
      'started: 2026-01-01T00:00:00.000Z, attempt 2',
    ]);
  });

  it('tells how a run ended', () => {
    const ended = {
      ...run,
      state: 'failed' as const,
      vanished: [{ entityType: 'files', before: 9, vanished: 2, lost: 1 }],
      ended: '2026-01-01T00:00:30.000Z',
      failure: 'no',
      eta: null,
      rate: null,
    };
    expect(described({ ...ended, sources: [], failures: {} }, now).split('\n')).to.deep.equal([
      '20260101T000000000Z-abcdef: reindex of hca into generation 3, failed',
      'documents: 9/15',
      'dead letters: none',
      'vanished: 2 of 9 files (1 unexplained)',
      'started: 2026-01-01T00:00:00.000Z, attempt 2',
      'ended: 2026-01-01T00:00:30.000Z, after 30.0 s',
      'failure: no',
    ]);
  });
});
