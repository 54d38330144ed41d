import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { S3Objects } from '../../../core/exports/s3-objects.ts';
import { clientOptions } from '../../../core/storage/aws.ts';
import { useCloud } from '../../rigs/storage/cloud.ts';
import { temporaryFolder } from '../../rigs/streams/recording.ts';

describe('Results in S3', function () {
  this.timeout(240_000);
  const cloud = useCloud();
  const opened: S3Objects[] = [];
  /** The emulator knows these credentials, without which it takes no signed URL. */
  const known = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' };
  const earlier = Object.keys(known).map((name) => [name, process.env[name]] as const);
  before(() => {
    Object.assign(process.env, known);
    return cloud().bucket('results');
  });
  after(() => {
    for (const objects of opened) objects.close();
    for (const [name, value] of earlier) {
      delete process.env[name];
      if (value !== undefined) process.env[name] = value;
    }
  });

  const open = (bucket = 'results', partBytes = 5 * 2 ** 20): S3Objects => {
    const { endpoint, region } = cloud();
    const objects = new S3Objects({ endpoint, region, bucket, prefix: '_exports/results/', partBytes }, known);
    opened.push(objects);
    return objects;
  };
  const all = async (objects: S3Objects) => {
    const names: string[] = [];
    for await (const name of objects.list()) names.push(name);
    return names;
  };

  it('have files whole, small ones and those of several parts, and parts of them', async () => {
    await using folder = await temporaryFolder();
    const objects = open();
    const file = join(folder.path, 'made');
    for (const [name, bytes] of [
      ['empty.tsv', 0],
      ['small.tsv', 10],
      ['large.avro', 11 * 2 ** 20 + 7],
    ] as const) {
      const content = randomBytes(bytes);
      await writeFile(file, content);
      await objects.put(name, file, 'application/octet-stream');
      const found = await objects.stat(name);
      expect(found?.bytes).to.equal(bytes);
      expect(Math.abs(Date.now() - (found?.written ?? 0))).to.be.below(60_000);
      if (bytes > 0)
        expect((await buffer(await objects.read(name, { first: 0, last: bytes - 1 }))).equals(content)).to.equal(true);
      if (bytes > 20)
        expect(
          (await buffer(await objects.read(name, { first: 5, last: 9 }))).equals(content.subarray(5, 10)),
        ).to.equal(true);
    }
    expect(await all(objects)).to.deep.equal(['empty.tsv', 'large.avro', 'small.tsv']);
    await objects.delete('small.tsv');
    await objects.delete('small.tsv');
    expect(await objects.stat('small.tsv')).to.equal(null);
  });

  it('can be had by anybody with a signed URL, under their names', async () => {
    await using folder = await temporaryFolder();
    const objects = open();
    const file = join(folder.path, 'made');
    await writeFile(file, 'a\tb\r\n');
    await objects.put('signed.tsv', file, 'text/tab-separated-values');
    const url = await objects.sign('signed.tsv', {
      name: 'Ä b.tsv',
      contentType: 'text/tab-separated-values',
      seconds: 3600,
    });
    expect(new URL(url).searchParams.get('X-Amz-Expires')).to.equal('3600');
    const answer = await fetch(url);
    expect([answer.status, await answer.text()]).to.deep.equal([200, 'a\tb\r\n']);
    expect(new URL(url).searchParams.get('response-content-disposition')).to.equal(
      `attachment; filename="_ b.tsv"; filename*=UTF-8''%C3%84%20b.tsv`,
    );
    expect(answer.headers.get('Content-Disposition')).to.include('filename=');
  });

  it('leave no parts behind where a file can not be put, and say why', async () => {
    await using folder = await temporaryFolder();
    const { endpoint, region } = cloud();
    const objects = open('nosuch');
    const file = join(folder.path, 'made');
    await writeFile(file, Buffer.alloc(6 * 2 ** 20));
    const refused = await objects.put('large.avro', file, 'text/plain').catch((error) => error);
    expect(refused).to.include({ code: 'staging_unavailable' });
    expect(refused.message).to.match(/^s3:\/\/nosuch\/_exports\/results\/large\.avro: NoSuchBucket/);
    expect(await objects.stat('large.avro').catch((error) => error)).to.not.equal('present');
    const client = new S3Client({ ...clientOptions({ service: 'S3', region, endpoint }, {}), forcePathStyle: true });
    const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: 'results' }));
    expect(Uploads).to.deep.equal([]);
    client.destroy();
  });
});
