import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSettings } from '../../core/config/settings.ts';
import { S3Store } from '../../core/storage/s3/store.ts';
import { lazuli, settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { manyCatalogs } from '../rigs/models/many-catalogs.ts';
import { useCloud } from '../rigs/storage/cloud.ts';

const settingsFor = (folder: string): string => JSON.stringify({ ...settingsIn(folder), catalogs: manyCatalogs });
const listed = { code: 0, out: '[]\n' };
const list = ['dead-letters', 'list', '--catalog', 'dcp8', '--json'];

describe('Settings of eight catalogs of 470 sources, which no variable holds', () => {
  it('are read from a file that an option or a variable names', async () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'settings.json');
    const text = settingsFor(folder.path);
    expect(text.length).to.be.above(128 * 1024);
    writeFileSync(file, text);
    expect(readSettings(file).catalogs).to.deep.equal(manyCatalogs);
    expect(await lazuli([...list, '--config', file])).to.deep.include(listed);
    expect(await lazuli(list, '', { LAZULI_SETTINGS_FILE: file })).to.deep.include(listed);
  });
});

describe('Settings of that size in an object', function () {
  this.timeout(60_000);
  const cloud = useCloud();

  it('are read when a process starts', async () => {
    using folder = temporaryFolder();
    const { endpoint, region } = cloud();
    const bucket = await cloud().bucket('settings');
    const store = new S3Store({ region, endpoint, bucket, mirror: folder.path }, {});
    await store.put('workers.json', Buffer.from(settingsFor(folder.path)));
    store.close();
    const environment = { AWS_ENDPOINT_URL_S3: endpoint, LAZULI_SETTINGS_OBJECT: 's3://settings/workers.json' };
    expect(await lazuli(list, '', environment)).to.deep.include(listed);
    const missing = await lazuli(list, '', { ...environment, LAZULI_SETTINGS_OBJECT: 's3://settings/nothing.json' });
    expect(missing.code).to.equal(2);
    expect(missing.err).to.include("LAZULI_SETTINGS_OBJECT can't be used: s3://settings/nothing.json: NoSuchKey: ");
    expect(missing.err).to.include('remedy: ');
  });
});
