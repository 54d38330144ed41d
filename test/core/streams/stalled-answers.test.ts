import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { KinesisClient, ListShardsCommand } from '@aws-sdk/client-kinesis';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { clientOptions } from '../../../core/storage/aws.ts';
import { CheckpointFolder } from '../../../core/streams/checkpoint-folder.ts';
import { startConsumer } from '../../../core/streams/driver.ts';
import { putRecords } from '../../../core/streams/producer.ts';
import { ensureStream } from '../../../core/streams/stream.ts';
import { startKinesis } from '../../rigs/streams/emulator.ts';
import { Recording, temporaryFolder } from '../../rigs/streams/recording.ts';
import { until } from '../../rigs/until.ts';
import { entries, numbers, quick, sorted } from '../storage/records.ts';

const answerMillis = 300;
const options = (service: string, endpoint: string) =>
  clientOptions({ service, region: 'us-east-1', endpoint, answerMillis }, {});
const s3 = (endpoint: string) => new S3Client({ ...options('S3', endpoint), forcePathStyle: true });
const table = { TableName: 't', Key: { id: { S: 'a' } } };
const object = { Bucket: 'b', Key: 'k' };

/** One request of each client. */
const requests: Readonly<Record<string, (endpoint: string) => Promise<unknown>>> = {
  Kinesis: (endpoint) =>
    new KinesisClient(options('KINESIS', endpoint)).send(new ListShardsCommand({ StreamName: 's' })),
  DynamoDB: (endpoint) => new DynamoDBClient(options('DYNAMODB', endpoint)).send(new GetItemCommand(table)),
  Firehose: (endpoint) =>
    new FirehoseClient(options('FIREHOSE', endpoint)).send(
      new PutRecordBatchCommand({ DeliveryStreamName: 's', Records: [{ Data: Buffer.from('a') }] }),
    ),
  'S3, of an object': async (endpoint) =>
    (await s3(endpoint).send(new GetObjectCommand(object))).Body?.transformToByteArray(),
  'S3, of a list': (endpoint) => s3(endpoint).send(new ListObjectsV2Command({ Bucket: 'b' })),
  'S3, to a write': (endpoint) => s3(endpoint).send(new PutObjectCommand({ ...object, Body: Buffer.from('a') })),
};

const half = { 'Content-Length': 1000 };
const stalls: Readonly<Record<string, (response: ServerResponse) => void>> = {
  'before its headers': () => {},
  'after its headers': (response) => response.writeHead(200, half).flushHeaders(),
  'after half of its body': (response) => response.writeHead(200, half).write('{'.repeat(500)),
};

describe('An answer that stalls', () => {
  for (const [where, stall] of Object.entries(stalls)) {
    for (const [client, request] of Object.entries(requests)) {
      it(`${where} is given up in time by the client of ${client}, and so is its connection`, async () => {
        const closed = Promise.withResolvers<void>();
        const server = createServer((_, response) => {
          response.once('close', closed.resolve);
          stall(response);
        });
        server.listen(0, '127.0.0.1');
        await once(server, 'listening');
        const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
        try {
          const name = await request(endpoint).then(
            () => 'an answer',
            (error: Error) => error.name,
          );
          expect(name).to.equal('TimeoutError');
          await closed.promise;
        } finally {
          server.closeAllConnections();
          server.close();
        }
      });
    }
  }

  it('of Kinesis is told by a consumer, which asks again', async () => {
    await using kinesis = await startKinesis();
    await using folder = await temporaryFolder();
    await ensureStream(kinesis.client, 'stalls', 1);
    await putRecords(kinesis.client, 'stalls', entries(0, 20));
    for (const after of ['headers', 'half'] as const)
      kinesis.proxy.add({ operation: 'GetRecords', fault: { kind: 'stall', after }, times: 2 });
    const recording = new Recording();
    const consumer = startConsumer({
      client: new KinesisClient(options('KINESIS', kinesis.proxy.url)),
      stream: 'stalls',
      factory: recording.factory,
      checkpoints: new CheckpointFolder(folder.path),
      ...quick,
    });
    const problem = () => consumer.status().shards[0]?.problem;
    await until(() => problem()?.message.includes('No whole answer') === true);
    await until(() => recording.texts().length >= 20 && problem() === null);
    await consumer.stop();
    expect(sorted(recording.texts())).to.deep.equal(numbers(0, 20));
  });
});
