import { PutBucketVersioningCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import type { Environment } from '../../../core/config/environment.ts';
import { clientOptions } from '../../../core/storage/aws.ts';
import { readObject } from '../../../core/storage/s3/object.ts';
import { useCloud } from '../../rigs/storage/cloud.ts';

const maxBytes = 1000;

describe('An object whose address is given', () => {
  const cloud = useCloud();
  let client: S3Client;
  let environment: Environment;
  const versions: (string | undefined)[] = [];
  before(async () => {
    const { endpoint, region } = cloud();
    environment = { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: region };
    client = new S3Client({ ...clientOptions({ service: 'S3', region, endpoint }, {}), forcePathStyle: true });
    const Bucket = await cloud().bucket('addressed');
    const VersioningConfiguration = { Status: 'Enabled' as const };
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
    const Key = '_settings/workers.json';
    for (const Body of ['first', 'second', 'x'.repeat(maxBytes + 1)])
      versions.push((await client.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId);
  });
  after(() => client?.destroy());

  const read = async (address: string) =>
    readObject(address, maxBytes, environment).then(
      (bytes) => Buffer.from(bytes).toString(),
      (error: Error) => error.message,
    );
  const address = 's3://addressed/_settings/workers.json';

  it('is read, in the version that the address names', async () => {
    expect(new Set(versions).size).to.equal(3);
    expect(await read(`${address}?versionId=${versions[0]}`)).to.equal('first');
    expect(await read(`${address}?versionId=${versions[1]}`)).to.equal('second');
  });

  it('is refused where it is too large, missing, or the address is none: that is told', async () => {
    expect(await read(address)).to.equal(`${address}: RangeError: it has more than ${maxBytes} bytes`);
    expect(await read('s3://addressed/nothing')).to.match(/^s3:\/\/addressed\/nothing: NoSuchKey: /);
    expect(await read('s3://nowhere/nothing')).to.match(/^s3:\/\/nowhere\/nothing: NoSuchBucket: /);
    for (const none of ['', 's3://addressed', 's3://addressed/', 'https://addressed/key', `${address}?versionId=`])
      expect(await read(none)).to.equal(`'${none}' is no address as s3://bucket/key?versionId=version`);
  });
});
