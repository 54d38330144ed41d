import { expect } from 'chai';
import fc from 'fast-check';
import { LazuliError } from '../../../core/config/errors.ts';
import { systemClock } from '../../../core/runtime/clock.ts';
import type { Clock } from '../../../core/runtime/ports.ts';
import { chunkEntries, maxRecordBytes, putRecords, type StreamEntry } from '../../../core/streams/producer.ts';
import { kinesisSource } from '../../../core/streams/source.ts';
import { ensureStream } from '../../../core/streams/stream.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { startKinesis, type TestKinesis } from '../../rigs/streams/emulator.ts';
import { anyText } from '../../rigs/texts.ts';
import { entries, numbers } from '../storage/records.ts';

/** Time that passes only by sleeping. */
function sleepingClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => slept.reduce((sum, millis) => sum + millis, 0),
    sleep: async (millis) => void slept.push(millis),
  };
}

describe('A put of many records', () => {
  let kinesis: TestKinesis;
  before(async () => {
    kinesis = await startKinesis();
  });
  afterEach(() => kinesis.proxy.clear());
  after(() => kinesis[Symbol.asyncDispose]());

  /** what is in the stream's only shard, in order */
  async function stored(stream: string): Promise<readonly string[]> {
    const { signal } = new AbortController();
    const source = kinesisSource(kinesis.client, stream);
    const [shard] = await source.shards(signal);
    const iterator = await source.iterator(shard?.shardId ?? '', null, signal);
    const { records } = await source.page(iterator, 10_000, signal);
    return records.map(({ data }) => Buffer.from(data).toString());
  }

  it('puts again only the entries that failed, until all are acknowledged', async () => {
    await ensureStream(kinesis.client, 'partial', 1);
    const code = 'ProvisionedThroughputExceededException';
    const some = { operation: 'PutRecords', times: 1 } as const;
    kinesis.proxy.add({ ...some, fault: { kind: 'fail-entries', code, fails: (index) => index % 3 === 0 } });
    kinesis.proxy.add({
      ...some,
      fault: { kind: 'fail-entries', code: 'InternalFailure', fails: (index) => index > 1 },
    });
    kinesis.proxy.add({ ...some, fault: { kind: 'fail-entries', code, fails: () => true } });
    const clock = sleepingClock();
    const acknowledged = await putRecords(kinesis.faulty, 'partial', entries(0, 10), { clock, random: () => 0.5 });
    expect(await stored('partial')).to.deep.equal(['1', '2', '4', '5', '7', '8', '0', '3', '6', '9']);
    expect(clock.slept).to.deep.equal([25, 50, 100]);
    expect(new Set(acknowledged.map(({ sequenceNumber }) => sequenceNumber)).size).to.equal(10);
  });

  it('puts again a request that failed as a whole', async () => {
    await ensureStream(kinesis.client, 'whole', 1);
    const rule = { operation: 'PutRecords', times: 1 } as const;
    kinesis.proxy.add({
      ...rule,
      fault: { kind: 'error', status: 400, type: 'ProvisionedThroughputExceededException' },
    });
    kinesis.proxy.add({ ...rule, fault: { kind: 'error', status: 500, type: 'InternalFailure' } });
    kinesis.proxy.add({ ...rule, fault: { kind: 'cut', when: 'before' } });
    await putRecords(kinesis.faulty, 'whole', entries(0, 5), { clock: sleepingClock() });
    expect(await stored('whole')).to.deep.equal(numbers(0, 5));
  });

  it('may put twice, but loses nothing, when the connection is cut after the stream has the records', async () => {
    await ensureStream(kinesis.client, 'twice', 1);
    kinesis.proxy.add({ operation: 'PutRecords', times: 1, fault: { kind: 'cut', when: 'after' } });
    await putRecords(kinesis.faulty, 'twice', entries(0, 3), { clock: sleepingClock() });
    expect(await stored('twice')).to.deep.equal([...numbers(0, 3), ...numbers(0, 3)]);
  });

  it('ends within its bounds of attempts and time', async () => {
    await ensureStream(kinesis.client, 'bounds', 1);
    const applied = kinesis.proxy.add({ operation: 'PutRecords', fault: { kind: 'cut', when: 'before' } });
    const random = () => 0.999;
    const attempts = await thrown({ clock: sleepingClock(), maxAttempts: 3, random });
    expect(attempts).to.be.instanceOf(LazuliError).and.include({ code: 'stream_unavailable', disposition: 'retry' });
    expect(attempts.message).to.match(/^Stream 'bounds': putting 2 of 2 records \(attempt 3\) failed: /);
    expect(applied()).to.equal(3);
    const clock = sleepingClock();
    expect(await thrown({ clock, maxMillis: 1000, random })).to.include({ code: 'stream_unavailable' });
    expect(clock.now()).to.be.within(500, 1000);
  });

  it('ends when it is asked to, whatever it waits for', async () => {
    await ensureStream(kinesis.client, 'asked', 1);
    const [asked, stop] = [new Error('asked'), new AbortController()];
    kinesis.proxy.add({ operation: 'PutRecords', fault: { kind: 'cut', when: 'before' } });
    const waiting = Promise.withResolvers<void>();
    const sleep = (_millis: number, signal?: AbortSignal) => {
      waiting.resolve();
      return systemClock.sleep(2 ** 30, signal);
    };
    const ended = thrown({ clock: { now: systemClock.now, sleep }, signal: stop.signal }, 'asked');
    await waiting.promise;
    stop.abort(asked);
    expect(await ended).to.equal(asked);
    expect(await thrown({ signal: stop.signal })).to.equal(asked);
  });

  it('does not try again what is refused', async () => {
    const clock = sleepingClock();
    expect(await thrown({ clock }, 'absent')).to.include({ code: 'stream_unavailable' });
    kinesis.proxy.add({
      operation: 'PutRecords',
      fault: { kind: 'error', status: 400, type: 'AccessDeniedException' },
    });
    expect((await thrown({ clock })).remedy).to.match(/permissions/);
    expect(clock.slept).to.deep.equal([]);
  });

  it('takes more than fits one request', async () => {
    await ensureStream(kinesis.client, 'large', 1);
    const data = Buffer.alloc(maxRecordBytes - 10, 'x');
    const large = Array.from({ length: 11 }, (_, i) => ({ partitionKey: String(i), data }));
    expect(await putRecords(kinesis.client, 'large', large)).to.have.length(11);
    expect(await putRecords(kinesis.client, 'large', entries(0, 1200))).to.have.length(1200);
    expect(await putRecords(kinesis.client, 'large', [])).to.deep.equal([]);
  });

  it('refuses a record over the limit before anything is put', async () => {
    await ensureStream(kinesis.client, 'too-large', 1);
    const records = [...entries(0, 2), { partitionKey: 'key', data: Buffer.alloc(maxRecordBytes) }];
    const error = await putRecords(kinesis.client, 'too-large', records).catch((caught) => caught);
    expect(error).to.include({ code: 'payload_too_large' });
    expect(await stored('too-large')).to.deep.equal([]);
  });

  it('is cut into requests within all limits, in order', () => {
    const entry = fc.record({
      partitionKey: anyText(20).filter((key) => key !== ''),
      size: fc.nat(maxRecordBytes - 200),
    });
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), fc.integer({ min: 0, max: 1100 }), (some, small) => {
        const buffer = Buffer.alloc(maxRecordBytes);
        const large = some.map(({ partitionKey, size }) => ({ partitionKey, data: buffer.subarray(0, size) }));
        const all: StreamEntry[] = [...large, ...entries(0, small)];
        const chunks = chunkEntries('s', all);
        expect(chunks.flat()).to.deep.equal(all);
        for (const chunk of chunks) {
          const bytes = chunk.map(({ partitionKey, data }) => data.length + Buffer.byteLength(partitionKey));
          expect(chunk.length).to.be.within(1, 500);
          expect(bytes.reduce((sum, size) => sum + size, 0)).to.be.at.most(5 * 2 ** 20);
        }
      }),
      { numRuns: numRuns(500), seed: seed() },
    );
  });

  async function thrown(options: Parameters<typeof putRecords>[3], stream = 'bounds'): Promise<LazuliError> {
    return putRecords(kinesis.faulty, stream, entries(0, 2), options).then(
      () => expect.fail('nothing was thrown'),
      (caught: LazuliError) => caught,
    );
  }
});
