import { expect } from 'chai';
import { described } from '../../cli/commands/runs.ts';

const run = {
  id: '20260101T000000000Z-abcdef',
  catalog: 'hca',
  kind: 'reindex',
  state: 'running',
  generation: 3,
  attempts: 2,
  started: '2026-01-01T00:00:00.000Z',
  ended: null,
  documents: { expected: 15, done: 9 },
  sources: [
    { source: 'a', expected: 6, computed: 6, written: 5, verified: 0 },
    { source: 'b', expected: 10, computed: 10, written: 4, verified: 0 },
  ],
  rate: 0.5,
  eta: '2026-01-01T00:01:12.000Z',
  failures: { document_rejected: 2, document_too_large: 1 },
  failure: null,
};
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
    const ended = { ...run, state: 'failed', ended: '2026-01-01T00:00:30.000Z', failure: 'no', eta: null, rate: null };
    expect(described({ ...ended, sources: [], failures: {} }, now).split('\n')).to.deep.equal([
      '20260101T000000000Z-abcdef: reindex of hca into generation 3, failed',
      'documents: 9/15',
      'dead letters: none',
      'started: 2026-01-01T00:00:00.000Z, attempt 2',
      'ended: 2026-01-01T00:00:30.000Z, after 30.0 s',
      'failure: no',
    ]);
  });
});
