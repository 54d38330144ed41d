import { expect } from 'chai';
import type { Run } from '../../core/runs/run.ts';
import { Tally } from '../../transform/building/tally.ts';
import { completed, withProgress } from '../../transform/runs/progress.ts';
import { someRun } from '../rigs/transform/runs.ts';

const begun: Run = { ...someRun, documents: { expected: 0, done: 0 }, sources: [], rate: null, eta: null };
const second = 1000;
const at = Date.parse('2026-01-01T01:00:00Z');

/** Three buckets of two sources; the first was written before. */
const tally = () =>
  new Tally([
    { bucket: 0, source: 'b', documents: 4, written: true },
    { bucket: 1, source: 'b', documents: 6, written: false },
    { bucket: 1, source: 'a', documents: 5, written: false },
    { bucket: 2, source: 'a', documents: 1, written: false },
  ]);

const progress = (done: number, { sources } = tally()) =>
  ({ generation: 7, expected: 15, done, before: 4, started: at - 10 * second, sources }) as const;

describe('The progress of a run', () => {
  it('is counted by source and stage', () => {
    const built = tally();
    built.noteComputed(2);
    built.noteWritten(1);
    expect(built.sources).to.deep.equal([
      { source: 'a', expected: 6, computed: 6, written: 5 },
      { source: 'b', expected: 10, computed: 10, written: 10 },
    ]);
  });

  it('has a rate and an end once anything was written since it was begun or gone on with', () => {
    const { rate, eta, documents, generation } = withProgress(begun, progress(9), at);
    expect({ rate, eta, documents, generation }).to.deep.equal({
      rate: 0.5,
      eta: '2026-01-01T01:00:12.000Z',
      documents: { expected: 15, done: 9 },
      generation: 7,
    });
    expect(withProgress(begun, progress(4), at)).to.include({ rate: null, eta: null });
  });

  it('is whole when it has succeeded, whatever was known before its last step', () => {
    const run = completed(begun, progress(9), at);
    expect(run.documents).to.deep.equal({ expected: 15, done: 15 });
    expect(run.rate).to.equal(1.1);
    expect(run.sources).to.deep.equal([
      { source: 'a', expected: 6, computed: 6, written: 6, verified: 6 },
      { source: 'b', expected: 10, computed: 10, written: 10, verified: 10 },
    ]);
  });
});
