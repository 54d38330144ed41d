import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { LazuliError } from '../../../../core/config/errors.ts';
import { systemClock } from '../../../../core/runtime/clock.ts';
import { noLogger } from '../../../../core/runtime/logger.ts';
import { Conversation } from '../../../../core/streams/kcl/conversation.ts';
import { linesOf } from '../../../../core/streams/kcl/lines.ts';
import { numRuns, seed } from '../../../rigs/property.ts';
import { Recording, temporaryFolder } from '../../../rigs/streams/recording.ts';
import { until } from '../../../rigs/until.ts';

const first = { action: 'initialize', shardId: 'shard-1', sequenceNumber: 'TRIM_HORIZON', subSequenceNumber: 0 };
const records = (from: number, to: number) => ({
  action: 'processRecords',
  millisBehindLatest: 0,
  records: Array.from({ length: to - from }, (_, i) => ({
    action: 'record',
    data: Buffer.from(`${from + i}`).toString('base64'),
    partitionKey: 'k',
    sequenceNumber: `${from + i}`,
    subSequenceNumber: 0,
    approximateArrivalTimestamp: 1_000 + from + i,
  })),
});
type Order = Readonly<Record<string, unknown>> & { readonly action: string };
const done = (order: Order) => ({ action: 'status', responseFor: order.action });
const wanted = (sequenceNumber: string | null) => ({
  action: 'checkpoint',
  sequenceNumber,
  subSequenceNumber: sequenceNumber === null ? null : 0,
});

/** The daemon's side of a conversation: says what it is told to, and checks what it hears. */
class Daemon {
  readonly conversation: Conversation;
  readonly running: Promise<unknown>;
  readonly recording = new Recording();
  readonly stop = new AbortController();
  readonly #socket: Socket;
  readonly #heard: AsyncGenerator<Buffer, void, void>;

  private constructor(ours: Socket, theirs: Socket) {
    this.#socket = ours;
    this.#heard = linesOf(ours);
    const { factory } = this.recording;
    const persistence = {
      clock: systemClock,
      random: Math.random,
      backoff: { baseMillis: 1, capMillis: 2 },
      maxAttempts: 3,
    };
    const context = { ...persistence, factory, signal: this.stop.signal, stream: 's', logger: noLogger };
    this.conversation = new Conversation(context, theirs);
    this.running = this.conversation.run().catch((error: unknown) => error);
  }

  static async start(folder: string): Promise<Daemon> {
    const server = createServer();
    const path = join(folder, 'socket');
    server.listen(path);
    await once(server, 'listening');
    const [[theirs], ours] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, connect(path)]);
    server.close();
    return new Daemon(ours, theirs);
  }

  say(message: object | string): void {
    this.#socket.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
  }

  async hears(message: object): Promise<void> {
    const { value } = await this.#heard.next();
    expect(JSON.parse(String(value))).to.deep.equal(message);
  }

  async orders(order: Order, ...checkpoints: readonly (string | null)[]): Promise<void> {
    this.say(order);
    for (const checkpoint of checkpoints) {
      await this.hears(wanted(checkpoint));
      this.say({ ...wanted(checkpoint), error: null });
    }
    await this.hears(done(order));
  }

  leave(): void {
    this.#socket.destroy();
  }
}

describe('A conversation with the MultiLangDaemon', () => {
  let folder: AsyncDisposable & { readonly path: string };
  let daemon: Daemon;
  beforeEach(async () => {
    folder = await temporaryFolder();
    daemon = await Daemon.start(folder.path);
  });
  afterEach(async () => {
    daemon.leave();
    await daemon.running;
    await folder[Symbol.asyncDispose]();
  });

  const state = () => daemon.conversation.status?.state;

  it('takes a processor through the life of a shard, to its end', async () => {
    await daemon.orders({ ...first, sequenceNumber: '4' });
    await daemon.orders(records(5, 8), '7');
    expect(daemon.conversation.status).to.include({
      shardId: 'shard-1',
      state: 'running',
      checkpoint: '7',
      pending: 0,
    });
    await daemon.orders(records(8, 8));
    await daemon.orders({ action: 'shardEnded' }, null);
    expect(state()).to.equal('ended');
    daemon.leave();
    await daemon.running;
    expect(daemon.recording.texts()).to.deep.equal(['5', '6', '7']);
    expect(daemon.recording.events.map(({ event }) => event)).to.deep.equal([
      ...['initialize', 'record', 'record', 'record', 'shardEnded'],
    ]);
    expect(daemon.recording.events[0]).to.include({ text: '4' });
  });

  it('has the processor finish where the daemon stops, and write nothing where the shard is lost', async () => {
    await daemon.orders(first);
    await daemon.orders({ action: 'shutdownRequested' });
    expect([state(), daemon.recording.count('shutdownRequested')]).to.deep.equal(['stopped', 1]);
    const other = await Daemon.start(folder.path);
    await other.orders(first);
    await other.orders({ action: 'leaseLost' });
    expect(other.recording.count('leaseLost')).to.equal(1);
    other.leave();
    await other.running;
    expect(other.recording.count('leaseLost')).to.equal(1);
  });

  it('is patient with a processor that can not go on, and shows why', async () => {
    let isDown = true;
    daemon.recording.before = ({ records: { length } }) => {
      if (isDown && length > 0) throw new LazuliError('repository_unavailable', 'It is down.', { remedy: 'Wait.' });
    };
    await daemon.orders(first);
    const order = records(0, 2);
    daemon.say(order);
    await until(() => state() === 'paused');
    expect(daemon.conversation.status?.problem?.code).to.equal('repository_unavailable');
    isDown = false;
    await daemon.hears(wanted('1'));
    daemon.say({ ...wanted('1'), error: 'ThrottlingException' });
    await daemon.hears(wanted('1'));
    daemon.say({ ...wanted('1'), error: null });
    await daemon.hears(done(order));
    expect(state()).to.equal('running');
  });

  it('ends with what makes a processor fail for good, and with a checkpoint that another worker has', async () => {
    daemon.recording.before = () => {
      throw new LazuliError('superseded', 'Somebody else does it.', { remedy: 'Stop.' });
    };
    await daemon.orders(first);
    daemon.say(records(0, 1));
    expect(await daemon.running).to.include({ code: 'superseded' });
    const other = await Daemon.start(folder.path);
    await other.orders(first);
    other.say(records(0, 1));
    await other.hears(wanted('0'));
    other.say({ ...wanted('0'), error: 'ShutdownException' });
    await other.hears(done(records(0, 1)));
    await other.orders({ action: 'leaseLost' });
    expect(other.recording.count('leaseLost')).to.equal(1);
    other.leave();
    await other.running;
  });

  it('drops the work of a shard whose daemon is gone', async () => {
    await daemon.orders(first);
    daemon.leave();
    expect(await daemon.running).to.equal(false);
    expect(daemon.recording.count('leaseLost')).to.equal(1);
  });

  it('hands nothing over once the consumer stops, not even what comes later', async () => {
    await daemon.orders(first);
    daemon.stop.abort();
    await daemon.orders(records(0, 2));
    await daemon.orders(records(2, 4));
    await daemon.orders({ action: 'shutdownRequested' });
    expect(daemon.recording.texts()).to.deep.equal([]);
  });

  it('is ended by what is no order', async () => {
    daemon.say('{"action":"dance"}');
    expect(await daemon.running).to.include({ code: 'stream_unavailable' });
  });

  it('takes lines apart wherever their bytes are cut', async () => {
    const lines = fc.array(fc.string({ unit: 'grapheme', maxLength: 12 }).map((line) => line.replaceAll('\n', ' ')));
    const property = fc.asyncProperty(lines, fc.array(fc.nat(80)), async (texts, cuts) => {
      const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
      const places = [0, ...cuts.filter((cut) => cut < bytes.length).toSorted((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, i) => bytes.subarray(places[i], end));
      const found: string[] = [];
      for await (const line of linesOf(from(chunks))) found.push(line.toString());
      expect(found).to.deep.equal(texts);
    });
    await fc.assert(property, { seed: seed(), numRuns: numRuns(2000) });
  });
});

async function* from<T>(values: readonly T[]): AsyncGenerator<T> {
  yield* values;
}
