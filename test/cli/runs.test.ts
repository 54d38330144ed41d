import { expect } from 'chai';
import { described, stageOf } from '../../cli/commands/runs.ts';
import { someRun as run } from '../rigs/transform/runs.ts';

const now = Date.parse('2026-01-01T00:01:00Z');

describe('`lazuli runs show`', () => {
  it('tells how far a run is, with every source, and when it will end', () => {
    expect(described(run, now)).to.deep.equal([
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
    expect(described({ ...ended, sources: [], failures: {} }, now)).to.deep.equal([
      '20260101T000000000Z-abcdef: reindex of hca into generation 3, failed',
      'documents: 9/15',
      'dead letters: none',
      'vanished: 2 of 9 files (1 unexplained)',
      'started: 2026-01-01T00:00:00.000Z, attempt 2',
      'ended: 2026-01-01T00:00:30.000Z, after 30.0 s',
      'failure: no',
    ]);
  });

  it('tells what is staged anew for a run, of which part, and what stays as it was', () => {
    const sources = [
      { source: 'a', expected: 10, done: 5, failed: 1 },
      { source: 'b', expected: 2, done: 0, failed: 0 },
    ];
    const reading = [
      { source: 'a', table: 'anvil_file', rows: 1200, done: 3, of: 12 },
      { source: 'b', table: null, rows: null, done: 0, of: 12 },
    ];
    const restaging = { problem: 'out of order', sources, reading, failures: { bundle_not_json: 1 }, vanished: null };
    const wanted = { from: 'repository' as const, source: 'a*', prefix: '0f', phase: 'staging' as const };
    const one = { ...run, ...wanted, restaging, generation: null, sources: [], failures: {}, rate: null, eta: null };
    expect(described(one, now)).to.deep.equal([
      '20260101T000000000Z-abcdef: reindex of hca from the repository (sources a*, prefix 0f), running',
      'staging: 5/12 bundles staged',
      'reading anvil_file, 1200 rows, of a: step 4 of 12',
      'reading of b: step 1 of 12',
      'paused: out of order',
      'source  listed  done  given up',
      'a       10      5     1',
      'b       2       0     0',
      'given up, and left as they were: 1 bundle_not_json',
      'documents: 9/15',
      'dead letters: none',
      'started: 2026-01-01T00:00:00.000Z, attempt 2',
    ]);
    expect(stageOf({ ...one, restaging: { ...restaging, reading: reading.slice(0, 1) } })).to.equal(
      'staging: 5/12 bundles, reading anvil_file, 1200 rows, of a: step 4 of 12, paused: out of order',
    );
    const vanished = { before: 12, vanished: 3 };
    const replacing = {
      ...one,
      phase: 'replacing' as const,
      restaging: { ...restaging, reading: [], problem: null, vanished },
    };
    expect(stageOf(replacing)).to.equal('replacing: 5/12 bundles');
    expect(described(replacing, now)).to.match(/the repository has no more: 3 of 12 bundles/);
    expect(stageOf(run)).to.equal('building: 9/15 documents');
    const repair = { ...run, kind: 'repair' as const, phase: 'repairing' as const, prefix: '0' };
    expect(described(repair, now)).to.match(/: recompute of hca \(prefix 0\) in generation 3, running/);
  });
});
