import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { systemClock } from '../../../../core/runtime/clock.ts';
import { ObjectGone } from '../../../../plugins/repository/tdr/api/exported-objects.ts';
import { StoredObjects } from '../../../../plugins/repository/tdr/google/stored-objects.ts';
import { temporaryFolder } from '../../../rigs/cli/lazuli.ts';
import { useCloudStorage } from '../../../rigs/tdr/cloud-storage.ts';
import { patient } from '../../../signals.ts';

/** What a proxy does with the bytes of objects. */
let alter: (bytes: Buffer, range: string) => Buffer | null = (bytes) => bytes;

describe('Objects of Cloud Storage', () => {
  const storage = useCloudStorage();
  let proxy: Server;
  let ranges: string[] = [];
  let headers: (string | undefined)[] = [];

  before(async () => {
    proxy = createServer(async (request, response) => {
      headers.push(request.headers.authorization);
      const range = request.headers.range ?? '';
      const answer = await fetch(`${storage().endpoint}${request.url}`, { headers: range === '' ? {} : { range } });
      const bytes = Buffer.from(await answer.arrayBuffer());
      const isMedia = request.url?.includes('alt=media') === true;
      if (isMedia) ranges.push(range);
      const sent = isMedia ? alter(bytes, range) : bytes;
      const type = answer.headers.get('content-type') ?? 'text/plain';
      response.writeHead(answer.status, { 'content-type': type, 'content-length': bytes.length });
      if (sent?.length === bytes.length) response.end(sent);
      else response.write(sent ?? '', () => response.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  });
  after(() => proxy.close());
  beforeEach(() => {
    [ranges, headers] = [[], []];
    alter = (bytes) => bytes;
  });

  it('come as they are, go on where they broke off, and nothing else is taken for them', async function () {
    this.timeout(60_000);
    using folder = temporaryFolder();
    const sleep = (millis: number, until?: AbortSignal) =>
      millis > 50_000 ? systemClock.sleep(millis, until) : Promise.resolve();
    const clock = { ...systemClock, sleep };
    const objects = new StoredObjects({
      endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
      authorization: async () => 'Bearer a token',
      clock,
    });
    const bytes = randomBytes(300_000);
    const where = await storage().put('bucket', 'job/links/links-000000000000.parquet', bytes);
    const fileOf = (name: string): string => join(folder.path, name);
    const bring = (name: string, from = where, most = 2 ** 20) =>
      objects.bring(from, fileOf(name), most, patient).catch((error: Error) => error);

    expect(await bring('whole')).to.equal(bytes.length);
    expect(readFileSync(fileOf('whole')).equals(bytes)).to.equal(true);
    expect(await bring('whole')).to.equal(bytes.length);
    expect(ranges).to.deep.equal(['bytes=0-299999']);
    expect(new Set(headers)).to.deep.equal(new Set(['Bearer a token']));

    alter = (all) => all.subarray(0, 100_000);
    expect(await bring('broken')).to.equal(bytes.length);
    expect(readFileSync(fileOf('broken')).equals(bytes)).to.equal(true);
    const starts = ranges.slice(1).map((range) => Number(/bytes=(\d+)-299999/.exec(range)?.[1]));
    expect(starts.length).to.be.greaterThan(2);
    expect(starts).to.deep.equal([...new Set(starts)].sort((a, b) => a - b));

    alter = (all) => all;
    writeFileSync(fileOf('begun'), bytes.subarray(0, 299_000));
    expect(await bring('begun')).to.equal(bytes.length);
    expect(ranges.at(-1)).to.equal('bytes=299000-299999');

    writeFileSync(fileOf('other'), randomBytes(10));
    expect(await bring('other'))
      .to.have.property('message')
      .that.matches(/came with another checksum/);
    expect(statSync(fileOf('other')).size).to.equal(0);
    expect(await bring('other')).to.equal(bytes.length);

    alter = () => null;
    expect(await bring('stuck')).to.include({ code: 'repository_unavailable' });
    expect(await bring('large', where, 1000))
      .to.have.property('message')
      .that.matches(/has 300000 bytes, and there is room for 1000/);
    expect(await bring('gone', `${where}.gone`)).to.be.instanceOf(ObjectGone);
    expect(await bring('none', 'https://bucket/key')).to.include({ code: 'repository_unavailable' });
    expect(await bring('empty', await storage().put('bucket', 'empty', new Uint8Array()))).to.equal(0);
  });
});
