import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateDeliveryStreamCommand, FirehoseClient } from '@aws-sdk/client-firehose';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { freePort } from '../../../cli/engines/ports.ts';
import { clientOptions } from '../../../core/storage/aws.ts';
import { startServed, useEmulated } from '../emulated.ts';
import { type Packages, pythonPackages } from '../python.ts';

const version = '1.5.33';
const region = 'us-east-1';

/** An emulator of S3, DynamoDB and Firehose on the loopback interface. */
export interface Cloud extends AsyncDisposable {
  readonly endpoint: string;
  readonly region: string;
  bucket(name: string): Promise<string>;
  /** with the texts `key` and `name` as its key, as `infra/table.ts` makes it */
  table(name: string): Promise<string>;
  /** that delivers to a bucket at once */
  deliveryStream(name: string, bucket: string): Promise<string>;
}

/** @returns why the emulator can't be had here, or null; it is installed at the first call */
export function cloudMissing(): string | null {
  const packages = emulator();
  return 'missing' in packages ? packages.missing : null;
}

const emulator = (): Packages => pythonPackages(`ministack-${version}`, [`ministack==${version}`]);

/** The emulator for the tests of a suite. @returns it, once they run */
export const useCloud = (): (() => Cloud) => useEmulated({ packages: emulator, start: startCloud, orSkip: true });

export async function startCloud(): Promise<Cloud> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const packages = emulator();
  if ('missing' in packages) throw new Error(packages.missing);
  const env = { PYTHONPATH: packages.folder, BIND_HOST: '127.0.0.1', GATEWAY_PORT: String(port), PERSIST_STATE: '0' };
  const served = await startServed({ command: 'python3', args: ['-m', 'ministack'], env, endpoint, millis: 30_000 });
  const options = (service: string) => clientOptions({ service, region, endpoint }, {});
  const s3 = new S3Client({ ...options('S3'), forcePathStyle: true });
  const dynamodb = new DynamoDBClient(options('DYNAMODB'));
  const firehose = new FirehoseClient(options('FIREHOSE'));
  return {
    endpoint,
    region,
    async bucket(Bucket) {
      await s3.send(new CreateBucketCommand({ Bucket }));
      return Bucket;
    },
    async table(TableName) {
      const keys = [
        ['key', 'HASH'],
        ['name', 'RANGE'],
      ] as const;
      const KeySchema = keys.map(([AttributeName, KeyType]) => ({ AttributeName, KeyType }));
      const AttributeDefinitions = keys.map(([AttributeName]) => ({ AttributeName, AttributeType: 'S' as const }));
      const shape = { TableName, KeySchema, AttributeDefinitions, BillingMode: 'PAY_PER_REQUEST' as const };
      await dynamodb.send(new CreateTableCommand(shape));
      return TableName;
    },
    async deliveryStream(DeliveryStreamName, bucket) {
      const ExtendedS3DestinationConfiguration = {
        BucketARN: `arn:aws:s3:::${bucket}`,
        RoleARN: 'arn:aws:iam::000000000000:role/delivery',
        Prefix: `${DeliveryStreamName}/`,
        BufferingHints: { IntervalInSeconds: 0, SizeInMBs: 1 },
      };
      await firehose.send(new CreateDeliveryStreamCommand({ DeliveryStreamName, ExtendedS3DestinationConfiguration }));
      return DeliveryStreamName;
    },
    async [Symbol.asyncDispose]() {
      for (const client of [s3, dynamodb, firehose]) client.destroy();
      await served[Symbol.asyncDispose]();
    },
  };
}
