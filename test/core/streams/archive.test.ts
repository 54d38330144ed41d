import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import type { NewDeadLetter } from '../../../core/storage/dead-letter.ts';
import { StoredDeadLetters } from '../../../core/storage/dead-letters.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { S3Store } from '../../../core/storage/s3/store.ts';
import { type Archive, announcing, archiving } from '../../../core/streams/archive.ts';
import { FirehoseArchive } from '../../../core/streams/firehose/archive.ts';
import { maxRecordBytes, maxRecords, maxRequestBytes, requestsOf } from '../../../core/streams/firehose/batches.ts';
import type { RecordProcessor, StreamRecord } from '../../../core/streams/processor.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { cloudMissing, startCloud } from '../../rigs/storage/cloud.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';
import { until } from '../../rigs/until.ts';

const text = (records: readonly Uint8Array[]) => records.map((record) => Buffer.from(record).toString());
const instantly = { now: () => 0, sleep: async () => {} };

describe('Requests to Firehose', () => {
  it('hold all records in order, and no more than Firehose takes', () => {
    const sizes = fc.array(fc.oneof(fc.nat(20), fc.nat(maxRecordBytes + 10)), { maxLength: 40 });
    fc.assert(
      fc.property(sizes, fc.nat(1200), (large, small) => {
        const records = [...large, ...Array.from({ length: small }, () => 3)].map((size, at) =>
          Buffer.alloc(size, 97 + (at % 26)),
        );
        const requests = requestsOf(records);
        for (const request of requests) {
          expect(request.length).to.be.within(1, maxRecords);
          expect(request.reduce((sum, { length }) => sum + length, 0)).to.be.at.most(maxRequestBytes);
          for (const { length } of request) expect(length).to.be.at.most(maxRecordBytes);
        }
        const kept = requests.flat();
        expect(kept).to.have.length(records.length);
        for (const [at, record] of records.entries()) {
          if (record.length < maxRecordBytes)
            expect(Buffer.concat([record, Buffer.from('\n')]).equals(kept[at] ?? Buffer.of())).to.equal(true);
          else expect(JSON.parse(text(kept.slice(at, at + 1))[0] ?? '').too_large.bytes).to.equal(record.length);
        }
      }),
      { numRuns: numRuns(200), seed: seed() },
    );
  });
});

describe('An archive in Firehose', () => {
  it('puts again what failed, and nothing else', async () => {
    const seen: string[][] = [];
    const server = createServer(async (request, response) => {
      const chunks = await request.toArray();
      const { Records } = JSON.parse(Buffer.concat(chunks).toString()) as { Records: { Data: string }[] };
      const records = Records.map(({ Data }) => Buffer.from(Data, 'base64').toString().trim());
      seen.push(records);
      if (seen.length === 1) return response.writeHead(503).end();
      const RequestResponses = records.map((record, at) =>
        (at + seen.length) % 2 === 0 && seen.length < 5
          ? { ErrorCode: 'ServiceUnavailableException', ErrorMessage: record }
          : { RecordId: record },
      );
      response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(JSON.stringify({ FailedPutCount: 1, RequestResponses }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const archive = new FirehoseArchive({ endpoint, region: 'us-east-1', stream: 's' }, {}, instantly);
    await archive.put(['a', 'b', 'c', 'd'].map((one) => Buffer.from(one)));
    const all = ['a', 'b', 'c', 'd'];
    expect(seen).to.deep.equal([all, all, ['a', 'c'], ['c'], ['c']]);
    archive.close();
    await new Promise((resolve) => server.close(resolve));
  });

  it('says so when it takes nothing for a while, so that the work waits', async () => {
    const archive = new FirehoseArchive(
      { endpoint: 'http://127.0.0.1:9', region: 'us-east-1', stream: 's' },
      {},
      instantly,
    );
    const error = await archive.put([Buffer.from('a')]).catch((caught) => caught);
    expect(error).to.include({ code: 'stream_unavailable', disposition: 'retry' });
  });

  it('delivers to a bucket', async function () {
    this.timeout(240_000);
    const missing = cloudMissing();
    if (missing !== null) {
      console.log(`      skipped: ${missing}`);
      return this.skip();
    }
    await using cloud = await startCloud();
    await using folder = await temporaryFolder();
    const { endpoint, region } = cloud;
    const bucket = await cloud.bucket('archive');
    const archive = new FirehoseArchive(
      { endpoint, region, stream: await cloud.deliveryStream('notifications', bucket) },
      {},
    );
    const lines = Array.from({ length: 1200 }, (_, at) => JSON.stringify({ at }));
    await archive.put(lines.map((line) => Buffer.from(line)));
    const objects = new S3Store({ endpoint, region, bucket, mirror: folder.path }, {});
    const delivered = async () => {
      let all = '';
      for await (const key of objects.list('')) {
        const found = Buffer.from((await objects.get(key)) ?? []);
        all += (found[0] === 0x1f ? gunzipSync(found) : found).toString();
      }
      return all.trim().split('\n');
    };
    await until(async () => (await delivered()).length >= lines.length, 60_000);
    expect((await delivered()).sort()).to.deep.equal([...lines].sort());
    archive.close();
    objects.close();
  });
});

/** Takes records, or refuses them while it is down. */
class Shelf implements Archive {
  down = false;
  readonly kept: string[] = [];
  async put(records: readonly Uint8Array[]): Promise<void> {
    if (this.down) throw new Error('down');
    this.kept.push(...text(records));
  }
}

const record = (number: number): StreamRecord => ({
  sequenceNumber: String(number),
  partitionKey: 'p',
  data: Buffer.from(`n${number}`),
  arrived: 0,
});

describe('An archived processor', () => {
  it('sees no record before the archive has it, and archives none twice', async () => {
    const shelf = new Shelf();
    const processed: string[] = [];
    let fails = true;
    const nothing = async () => {};
    const inner: RecordProcessor = {
      initialize: nothing,
      leaseLost: nothing,
      shardEnded: nothing,
      shutdownRequested: nothing,
      async processRecords({ records }) {
        for (const { data } of records) expect(shelf.kept).to.include(Buffer.from(data).toString());
        if (fails) throw new Error('later');
        processed.push(...text(records.map(({ data }) => data)));
      },
    };
    const processor = archiving(inner, shelf);
    const checkpointer = { checkpoint: nothing };
    const hand = (...numbers: number[]) =>
      processor.processRecords({ records: numbers.map(record), checkpointer, millisBehindLatest: 0 });
    shelf.down = true;
    expect(await hand(9, 10).catch((error) => error.message)).to.equal('down');
    shelf.down = false;
    expect(await hand(9, 10).catch((error) => error.message)).to.equal('later');
    fails = false;
    await hand(9, 10);
    await hand();
    await hand(11);
    expect(shelf.kept).to.deep.equal(['n9', 'n10', 'n11']);
    expect(processed).to.deep.equal(['n9', 'n10', 'n11']);
  });
});

describe('The feed of dead letters', () => {
  const letter: NewDeadLetter = {
    catalog: 'hca',
    stage: 'ingest',
    kind: 'notification',
    reason: 'bundle_invalid',
    message: 'm'.repeat(5000),
    place: { bundle: 'b.1' },
    stack: 'long',
    identity: 'b',
    payload: { large: 'x'.repeat(2 ** 21) },
  };

  it('has a header of each letter, once the letter itself is kept', async () => {
    await using folder = await temporaryFolder();
    const feed = new Shelf();
    const letters = new StoredDeadLetters(new FolderStore(folder.path));
    const announced = announcing(letters, feed);
    feed.down = true;
    expect(await announced.put(letter).catch((error) => error.message)).to.equal('down');
    expect((await letters.list()).letters).to.have.length(1);
    feed.down = false;
    const key = await announced.put(letter);
    const { catalog, stage, kind, reason, place } = letter;
    expect(feed.kept.map((line) => JSON.parse(line))).to.deep.equal([
      { key, catalog, stage, kind, reason, message: 'm'.repeat(1000), place },
    ]);
    expect((await announced.get(key))?.attempts).to.equal(2);
    await announced.delete(key);
    expect((await announced.list()).letters).to.deep.equal([]);
  });
});
