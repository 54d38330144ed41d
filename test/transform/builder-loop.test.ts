import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import type { BucketItem, BucketReport, BuiltBucket } from '../../core/control/building.ts';
import type { BucketOwner } from '../../core/control/workers.ts';
import { Refused } from '../../core/http/ask-json.ts';
import { systemClock } from '../../core/runtime/clock.ts';
import { noLogger } from '../../core/runtime/logger.ts';
import { noFaults } from '../../core/runtime/ports.ts';
import { BuilderLoop, type LoopParts, type Outcome } from '../../transform/builders/loop.ts';
import { BucketOwners } from '../../transform/builders/owners.ts';
import { until } from '../rigs/until.ts';

const built: BuiltBucket = { hashes: { key: 'k', bytes: 1, sha256: '0'.repeat(64) }, rows: [] };
const down = () => new LazuliError('staging_unavailable', 'The object store is down');

const item = (bucket: number): BucketItem => ({
  of: { catalog: 'c', epoch: 1, generation: 1, commit: 1, bucket },
  ...{ bundles: { low: 0, high: 0 }, copy: 'copy', layouts: { store: '', documents: '' } },
});

/** What may go wrong with a bucket; each once. */
type Wrongs = Readonly<Record<number, Partial<Record<'compute' | 'write' | 'finish' | 'report', () => Error>>>>;

/** A builder and an owner that has so many buckets. What comes back is taken again. */
function scene(buckets: number, wrongs: Wrongs = {}) {
  const left = Array.from({ length: buckets }, (_, i) => i);
  const said: string[] = [];
  const outcomes: Outcome[] = [];
  const met = new Set<string>();
  let lost: readonly number[] = [];
  const maybe = (bucket: number, where: 'compute' | 'write' | 'finish' | 'report') => {
    const error = wrongs[bucket]?.[where];
    if (error === undefined || met.has(`${bucket} ${where}`)) return;
    met.add(`${bucket} ${where}`);
    throw error();
  };
  const owner: BucketOwner = {
    url: 'http://owner',
    buckets: {
      builders: async () => ({ wanted: 1 }),
      takeBucket: async ({ wants, held = [] }) => {
        const next = wants ? left.shift() : undefined;
        const gone = held.filter(({ bucket }) => lost.includes(bucket));
        return { item: next === undefined ? null : item(next), lost: [...gone] };
      },
      reportBucket: async ({ of, built: what, failure }: Pick<BucketReport, 'of' | 'built' | 'failure'>) => {
        maybe(of.bucket, 'report');
        const outcome = what !== null ? 'built' : (failure ?? 'given back');
        said.push(`${of.bucket} ${outcome}`);
        if (outcome === 'given back') left.push(of.bucket);
        return { of };
      },
    },
  };
  const owners = new BucketOwners('b', [owner], systemClock, noLogger);
  const open: LoopParts['open'] = async () => ({
    copy: 'copy',
    compute: async ({ of }, signal) => {
      maybe(of.bucket, 'compute');
      const write = async () => {
        maybe(of.bucket, 'write');
        if (lost.includes(of.bucket))
          await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        return [];
      };
      return { of, write, rows: [], hashes: '' };
    },
    finish: async ({ of }) => {
      maybe(of.bucket, 'finish');
      return built;
    },
    close: async () => undefined,
  });
  const loop = new BuilderLoop({
    ...{ owners, open, clock: systemClock, logger: noLogger, fault: noFaults, pace: { idle: 5, beat: 10 } },
    onEnd: (outcome) => void outcomes.push(outcome),
    onBeat: async () => undefined,
  });
  const lose = (...of: readonly number[]) => {
    lost = of;
  };
  return { loop, owners, said, outcomes, lose, running: loop.run() };
}

const end = async ({ loop, running }: ReturnType<typeof scene>) => {
  loop.stop();
  await running;
};

describe('A builder', () => {
  it('builds one bucket after the other', async () => {
    const it = scene(5);
    await until(async () => it.said.length === 5);
    await end(it);
    expect([...it.said].sort()).to.deep.equal([0, 1, 2, 3, 4].map((i) => `${i} built`));
    expect(it.owners.held.size).to.equal(0);
  });

  it('gives back what only needs time, wherever that shows, and builds it when it gets it again', async () => {
    const it = scene(3, { 0: { compute: down }, 1: { finish: down } });
    await until(async () => it.said.filter((one) => one.endsWith('built')).length === 3);
    await end(it);
    expect(it.said.filter((one) => one.endsWith('given back')).sort()).to.deep.equal(['0 given back', '1 given back']);
  });

  it('leaves to the owner what fails by itself, and goes on', async () => {
    const memory = () => new LazuliError('store_out_of_memory', 'no memory');
    const it = scene(3, { 0: { compute: () => new Error('a statement fails') }, 1: { compute: memory } });
    await until(async () => it.said.length === 3);
    await end(it);
    expect([...it.said].sort()).to.deep.equal(['0 a statement fails', '1 no memory', '2 built']);
    expect(it.outcomes).to.have.members(['failed', 'failed', 'built']);
  });

  it('reports again where the owner does not answer, and not where it refuses', async () => {
    const silent = () => new LazuliError('unavailable', 'nobody is there');
    const refused = () => new Refused('The worker', 'http://owner', 409, 'no');
    const it = scene(2, { 0: { report: silent }, 1: { report: refused } });
    await until(async () => it.outcomes.length === 2);
    await end(it);
    expect(it.said).to.deep.equal(['0 built']);
    expect(it.outcomes).to.have.members(['built', 'lost']);
  });

  it('drops a bucket in the middle of writing that others have by now', async () => {
    const it = scene(2);
    it.lose(0);
    await until(async () => it.outcomes.length === 2);
    await end(it);
    expect(it.said).to.deep.equal(['1 built']);
    expect(it.outcomes).to.have.members(['lost', 'built']);
  });
});
