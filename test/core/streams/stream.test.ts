import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { expect } from 'chai';
import { startEmulator } from '../../../core/streams/emulator.ts';
import { createKinesisClient } from '../../../core/streams/kinesis.ts';
import { putRecords } from '../../../core/streams/producer.ts';
import { kinesisSource } from '../../../core/streams/source.ts';
import { ensureStream, findStream } from '../../../core/streams/stream.ts';
import { kinesisClient, shardIds, startKinesis } from '../../rigs/streams/emulator.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';
import { entries } from '../storage/records.ts';

describe('A stream', () => {
  it('is created once, whoever asks for it, and waited for', async () => {
    await using kinesis = await startKinesis({ createStreamMs: 50 });
    const { client } = kinesis;
    expect(await findStream(client, 'made')).to.equal(null);
    const asked = await Promise.all([1, 2, 3].map(() => ensureStream(client, 'made', 2, { retentionHours: 168 })));
    for (const found of asked) {
      const { created, ...rest } = found;
      expect(rest).to.deep.equal({ name: 'made', status: 'ACTIVE', openShards: 2, retentionHours: 168 });
      expect(created).to.be.within(Date.now() - 20_000, Date.now());
    }
    expect(await ensureStream(client, 'made', 5)).to.deep.equal(asked[0]);
    expect(await shardIds(client, 'made')).to.have.length(2);
  });

  it('is waited for in vain for a bounded time', async () => {
    await using kinesis = await startKinesis({ createStreamMs: 10_000 });
    const bounds = { timeoutMillis: 500, pollMillis: 10 };
    const error = await ensureStream(kinesis.client, 'slow', 1, bounds).catch((caught) => caught);
    expect(error).to.include({
      code: 'stream_unavailable',
      message: "Stream 'slow' didn't become active in time: it is CREATING",
    });
  });

  it('can not have a name that is none, nor more shards than there may be', async () => {
    await using kinesis = await startKinesis({ shardLimit: 1 });
    const { client } = kinesis;
    expect(await ensureStream(client, '../x', 1).catch((caught) => caught)).to.include({
      code: 'configuration_invalid',
    });
    const error = await ensureStream(client, 'many', 2, { timeoutMillis: 20, pollMillis: 5 }).catch((caught) => caught);
    expect(error).to.include({ code: 'stream_unavailable' });
    expect(error.message).to.match(/exceed the shard limit/);
  });

  it('survives a restart of an emulator that has a folder', async () => {
    await using folder = await temporaryFolder();
    const first = await startEmulator({ path: folder.path });
    const client = kinesisClient(first.url);
    const { created } = await ensureStream(client, 'kept', 1);
    await putRecords(client, 'kept', entries(0, 3));
    client.destroy();
    await first.close();
    const second = await startEmulator({ path: folder.path });
    const again = kinesisClient(second.url);
    const { signal } = new AbortController();
    const source = kinesisSource(again, 'kept');
    expect(await source.identify(signal)).to.deep.equal({ name: 'kept', created });
    const [shard] = await source.shards(signal);
    const iterator = await source.iterator(shard?.shardId ?? '', null, signal);
    expect((await source.page(iterator, 10, signal)).records).to.have.length(3);
    again.destroy();
    await second.close();
  });
});

describe('The emulator', () => {
  it('outlives clients that hang up in the middle of a request', async () => {
    const emulator = await startEmulator();
    const { port } = new URL(emulator.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\nExpect: 100-continue\r\n\r\n');
    await once(socket, 'data');
    socket.write('half');
    socket.resetAndDestroy();
    const client = kinesisClient(emulator.url);
    await ensureStream(client, 'alive', 1);
    client.destroy();
    await emulator.close();
  });

  it('can be closed while it is asked', async () => {
    const emulator = await startEmulator();
    const client = kinesisClient(emulator.url);
    await ensureStream(client, 'closing', 1);
    const asked = Array.from({ length: 50 }, () => findStream(client, 'closing').catch(() => null));
    await emulator.close();
    await Promise.all(asked);
    client.destroy();
  });

  it('does nothing for a page in a browser', async () => {
    const emulator = await startEmulator({ names: ['kinesis'] });
    const records = { StreamName: 's', ShardCount: 1 };
    const statusFor = (headers: Readonly<Record<string, string>>): Promise<readonly unknown[]> =>
      new Promise((resolve, reject) => {
        const type = { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': 'Kinesis_20131202.CreateStream' };
        const sent = request(emulator.url, { method: 'POST', headers: { ...type, ...headers } }, (answer) => {
          const cors = Object.keys(answer.headers).filter((name) => name.startsWith('access-control'));
          answer.resume().once('end', () => resolve([answer.statusCode, cors]));
        });
        sent.once('error', reject).end(JSON.stringify(records));
      });
    const pages = [
      { Origin: 'https://evil.example' },
      { Origin: emulator.url },
      { 'Sec-Fetch-Site': 'cross-site' },
      { Host: 'evil.example' },
    ];
    for (const page of pages) expect(await statusFor(page), JSON.stringify(page)).to.deep.equal([403, []]);
    const asked = await Promise.all([statusFor({}), statusFor({ Host: 'kinesis:4567' })]);
    // that it isn't signed
    expect(asked).to.deep.equal([
      [400, []],
      [400, []],
    ]);
    await emulator.close();
  });

  it('says when its port is taken', async () => {
    const emulator = await startEmulator();
    const port = Number(new URL(emulator.url).port);
    const error = await startEmulator({ port }).catch((caught) => caught);
    expect(error).to.include({ code: 'in_use' });
    await emulator.close();
  });
});

describe('A client of Kinesis', () => {
  const credentials = async (endpoint: string | undefined, environment: Record<string, string>) => {
    const settings = {
      region: 'us-east-1',
      notifications: 'n',
      batches: 'b',
      ...(endpoint === undefined ? {} : { endpoint }),
    };
    const client = createKinesisClient({ kinesis: settings }, environment);
    const chosen = await client.config.credentials().catch(() => null);
    return chosen?.accessKeyId === 'emulator';
  };

  it('has credentials of its own for an emulator only, and only where none are given', async () => {
    expect(await credentials('http://127.0.0.1:4567', {})).to.equal(true);
    expect(await credentials(undefined, { AWS_ENDPOINT_URL_KINESIS: 'http://127.0.0.1:4567' })).to.equal(true);
    const given = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
    Object.assign(process.env, given);
    try {
      expect(await credentials('http://127.0.0.1:4567', given)).to.equal(false);
      expect(await credentials('https://vpce.example.org', given)).to.equal(false);
    } finally {
      for (const name of Object.keys(given)) delete process.env[name];
    }
  });
});
