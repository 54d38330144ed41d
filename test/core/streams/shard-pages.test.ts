import { expect } from 'chai';
import fc from 'fast-check';
import type { StreamRecord } from '../../../core/streams/processor.ts';
import { ShardPages } from '../../../core/streams/shard-pages.ts';
import { ShardReader } from '../../../core/streams/shard-reader.ts';
import type { StreamSource } from '../../../core/streams/source.ts';
import { Turns } from '../../../core/streams/turns.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { VirtualTime } from '../../simulation/time.ts';

const record = (n: number, bytes = 1): StreamRecord => ({
  ...{ sequenceNumber: String(n), partitionKey: 'p', data: new Uint8Array(bytes), arrived: n },
});

/** A shard whose records have the numbers 1, 2, …; an iterator is the number before the next record. */
class Shard implements Pick<StreamSource, 'iterator' | 'page'> {
  records: StreamRecord[] = [];
  closed = false;
  pages = 0;
  /** what becomes of the next requests */
  readonly failures: Error[] = [];

  async iterator(_: string, after: string | null): Promise<string> {
    return after ?? '0';
  }

  async page(iterator: string, limit: number) {
    const failure = this.failures.shift();
    if (failure !== undefined) throw failure;
    this.pages++;
    const records = this.records.slice(Number(iterator), Number(iterator) + limit);
    const next = Number(iterator) + records.length;
    const ended = this.closed && next === this.records.length;
    return { records, millisBehindLatest: this.records.length - next, next: ended ? null : String(next) };
  }

  opened(recordsPerRead: number, pollMillis = 0): ShardPages {
    const source = { ...never, iterator: this.iterator.bind(this), page: this.page.bind(this) };
    return new ShardPages({ source, shardId: 's', recordsPerRead, pollMillis, clock: instant, random: Math.random });
  }
}

const never = { identify: () => Promise.reject(), shards: () => Promise.reject() };
const instant = { now: () => 0, sleep: async () => {} };
const { signal } = new AbortController();
const throttled = Object.assign(new Error('Rate exceeded'), { name: 'ProvisionedThroughputExceededException' });

const step = fc.oneof(
  { arbitrary: fc.record({ put: fc.integer({ min: 1, max: 20 }) }), weight: 1 },
  { arbitrary: fc.record({ read: fc.array(fc.nat(3), { minLength: 1, maxLength: 4 }) }), weight: 4 },
);

describe('Readers of a shard', () => {
  it('get every record once and in order, wherever each of them is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.integer({ min: 1, max: 9 }), async (steps, limit) => {
        const shard = new Shard();
        const pages = shard.opened(limit);
        const readers = Array.from({ length: 4 }, () => ({
          reader: new ShardReader(pages, null),
          found: [] as string[],
        }));
        const read = async (which: (typeof readers)[number] | undefined) => {
          if (which === undefined || which.reader.ended) return;
          for (const { sequenceNumber } of (await which.reader.read(signal)).records) which.found.push(sequenceNumber);
        };
        for (const one of steps) {
          if ('put' in one) for (let i = 0; i < one.put; i++) shard.records.push(record(shard.records.length + 1));
          else await Promise.all([...new Set(one.read)].map((i) => read(readers[i])));
        }
        shard.closed = true;
        for (const one of readers) while (!one.reader.ended) await read(one);
        for (const { found } of readers) expect(found).to.deep.equal(shard.records.map((r) => r.sequenceNumber));
      }),
      { numRuns: numRuns(2000), seed: seed() },
    );
  });

  it('that are at the same place share a request, and one that has fallen back a little has what others read', async () => {
    const shard = new Shard();
    const pages = shard.opened(10);
    const readers = Array.from({ length: 10 }, () => new ShardReader(pages, null));
    shard.records = Array.from({ length: 30 }, (_, i) => record(i + 1));
    await Promise.all(readers.map((reader) => reader.read(signal)));
    expect(shard.pages).to.equal(1);
    const [first, ...others] = readers;
    for (let i = 0; i < 3; i++) await first?.read(signal);
    const asked = shard.pages;
    for (const reader of others) for (let i = 0; i < 2; i++) await reader.read(signal);
    expect(shard.pages).to.equal(asked);
  });

  it('keep a few megabytes for each other, and nothing where one reads alone', async () => {
    const mebi = 2 ** 20;
    const shard = new Shard();
    shard.records = Array.from({ length: 20 }, (_, i) => record(i + 1, mebi));
    for (const [count, again] of [
      [2, 16],
      [1, 20],
    ] as const) {
      const pages = shard.opened(1);
      const readers = Array.from({ length: count }, () => new ShardReader(pages, null));
      for (let i = 0; i < 20; i++) await readers[0]?.read(signal);
      const asked = shard.pages;
      const late = readers[1] ?? new ShardReader(pages, null);
      for (let i = 0; i < 20; i++) await late.read(signal);
      expect(shard.pages - asked).to.equal(again);
    }
  });

  it('stop waiting one by one; the request ends with the last of them', async () => {
    const shard = new Shard();
    let ended = false;
    shard.page = (_iterator, _limit, ...rest: unknown[]) =>
      new Promise((_, reject) => {
        const [left] = rest as [AbortSignal];
        left.addEventListener('abort', () => {
          ended = true;
          reject(left.reason);
        });
      });
    const pages = shard.opened(1);
    const [a, b] = [new AbortController(), new AbortController()];
    const reads = [a, b].map((one) => pages.read(null, one.signal).catch((error: unknown) => error));
    await Promise.resolve();
    a.abort('a left');
    expect(await reads[0]).to.equal('a left');
    expect(ended).to.equal(false);
    b.abort('b left');
    expect(await reads[1]).to.equal('b left');
    expect(ended).to.equal(true);
  });

  it('are not told of a throttled read that is answered a moment later', async () => {
    const shard = new Shard();
    shard.records = [record(1)];
    shard.failures.push(throttled, throttled);
    expect((await shard.opened(10).read(null, signal)).records).to.have.length(1);
    shard.failures.push(...Array.from({ length: 9 }, () => throttled));
    expect(
      await shard
        .opened(10)
        .read(null, signal)
        .catch((error: unknown) => error),
    ).to.equal(throttled);
  });
});

describe('Processes that read the same shard', () => {
  it('come to ask about as often together as Kinesis allows, and all of them get answers', async () => {
    const time = new VirtualTime();
    const clock = time.clock({ name: 'processes', alive: true, ahead: 0, busy: false });
    let chance = 1;
    const random = () => {
      chance = (chance * 16_807) % 2_147_483_647;
      return chance / 2_147_483_647;
    };
    let recent: number[] = [];
    const isAllowed = (now: number) => {
      recent = recent.filter((at) => now - at < 1000);
      if (recent.length >= 5) return false;
      recent.push(now);
      return true;
    };
    const counts = Array.from({ length: 10 }, () => ({ allowed: 0, refused: 0 }));
    const end = new AbortController();
    const loops = counts.map(async (count) => {
      const turns = new Turns({ clock, random, pollMillis: 210 });
      while (!end.signal.aborted) {
        await turns
          .take(async () => {
            const allowed = isAllowed(clock.now());
            count[allowed ? 'allowed' : 'refused']++;
            if (allowed) turns.answered();
            else turns.throttled();
          }, end.signal)
          .catch(() => {});
      }
    });
    await time.pass(300_000);
    end.abort();
    await Promise.all(loops);
    const sum = (key: 'allowed' | 'refused') => counts.reduce((total, count) => total + count[key], 0);
    expect(sum('refused') / (sum('refused') + sum('allowed'))).to.be.lessThan(0.35);
    expect(sum('allowed')).to.be.greaterThan(300 * 3);
    for (const { allowed } of counts) expect(allowed).to.be.greaterThan(300 / 10);
  });
});
