import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { freePair } from '../../cli/engines/ports.ts';
import { writeBundles } from '../../cli/generated-folder.ts';
import { writePlugin } from '../../cli/plugin/new.ts';
import { lazuli, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { Stack } from '../rigs/cli/stack.ts';
import { engines } from '../rigs/engines.ts';

const source = { id: 'archive', spec: 'https://archive.example/v1:/0' };
const albumId = 'variations';
const album = {
  album: { id: albumId, title: 'Variations', label: 'Blue' },
  performers: [{ id: 'glenn', name: 'Glenn', instruments: ['piano'] }],
  ensembles: [],
  tracks: [{ id: 't1', title: 'Aria', format: 'flac', seconds: 180, recorded: '1981-05-23', artists: ['glenn'] }],
};
const uuid = '00000000-0000-4000-8000-000000000001';

/** A folder of recordings. */
function writeRecordings(folder: string, versions: readonly string[], more: object = {}): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'album.json'), JSON.stringify({ manifest: {}, metadata: album, links: {}, ...album }));
  const bundles = versions.map((version) => ({ file: 'album.json', uuid, version }));
  const catalog = { catalog: 'recordings', metadata: 'recordings', source, bundles, ...more };
  writeFileSync(join(folder, 'bundles.json'), JSON.stringify(catalog));
}

describe('lazuli up with catalogs of several data models', function () {
  this.timeout(400_000);
  const folder = temporaryFolder();
  const plugin = join(folder.path, 'plug-in');
  const data = join(folder.path, 'data');
  const recordings = join(folder.path, 'recordings');
  const hca = join(folder.path, 'hca');
  let port = 0;
  let opensearch = '';
  before(async () => {
    opensearch = await engines.opensearch();
    writePlugin(plugin, 'recordings');
    writeRecordings(recordings, ['2020-01-01']);
    await writeBundles(hca, { seed: 1, bundles: 2 });
    port = await freePair();
  });
  after(() => folder[Symbol.dispose]());

  const start = (...args: readonly string[]) =>
    new Stack(data, ['--port', String(port), ...args], { OPENSEARCH_URL: opensearch });
  const settings = () => JSON.parse(readFileSync(join(data, 'lazuli.json'), 'utf8'));

  it('makes a catalog of each folder, by its own plug-in, and shows URLs of its own entity types', async () => {
    const stack = start('--once', '--plugin', plugin, '--bundles', recordings, hca);
    expect(await stack.ended, stack.printed).to.equal(0);
    expect(Object.keys(settings().catalogs)).to.deep.equal(['recordings', 'hca']);
    expect(settings().catalogs.recordings.plugins.metadata).to.deep.equal({ name: 'recordings' });
    expect(stack.printed).to.include(`ready: http://127.0.0.1:${port}`);
    const urls = stack.printed.match(/(?<=^ {2})http\S+$/gm) ?? [];
    for (const path of ['/index/albums?catalog=recordings', `/index/albums/${albumId}?`, '/index/projects?catalog=hca'])
      expect(
        urls.some((url) => url.includes(path)),
        `${path} of ${urls.join('\n')}`,
      ).to.equal(true);
  });

  it('keeps what was edited, and takes what a folder has new', async () => {
    const edited = settings();
    edited.catalogs.recordings.atlas = 'archive-of-mine';
    writeFileSync(join(data, 'lazuli.json'), JSON.stringify(edited));
    const other = { id: 'other', spec: 'https://other.example/v1:/0' };
    writeRecordings(recordings, ['2020-01-01', '2021-01-01'], { sources: [other] });
    const stack = start('--once');
    expect(await stack.ended, stack.printed).to.equal(0);
    expect(stack.printed).to.include(`ready: http://127.0.0.1:${port}`);
    const { atlas, sources } = settings().catalogs.recordings;
    expect({ atlas, sources }).to.deep.equal({ atlas: 'archive-of-mine', sources: [source.spec, other.spec] });
  });

  it('says before anything starts what nobody would accept', async () => {
    const elsewhere = join(folder.path, 'refused');
    const deletions = [{ uuid: 'nobody', version: '1' }];
    writeRecordings(elsewhere, ['x'.repeat(129)], { deletions });
    const stack = start('--bundles', elsewhere);
    expect(await stack.ended).to.equal(2);
    expect(stack.printed).to.match(/at bundles\[0\]\.version.*must be a UUID\n.*at deletions\[0\]\.uuid/s);
    expect(stack.printed).not.to.include('OpenSearch');
  });

  it('says before anything starts that a given plug-in can not be used', async () => {
    const nowhere = join(folder.path, 'nowhere');
    const stack = start('--plugin', nowhere);
    expect(await stack.ended).to.equal(2);
    expect(stack.printed).to.include(`error: There is no folder ${nowhere}\n`).and.not.include('OpenSearch');
  });

  it('says before anything starts that there is no such plug-in', async () => {
    const elsewhere = join(folder.path, 'elsewhere');
    writeRecordings(elsewhere, [], { metadata: 'herbarium' });
    const stack = start('--bundles', elsewhere);
    expect(await stack.ended).to.equal(2);
    expect(stack.printed).to.include(
      `error: ${join(elsewhere, 'bundles.json')}: metadata: There is no metadata plug-in 'herbarium'.\n`,
    );
    const remedy = /\nremedy: Choose one of: (\w+, )+recordings\. /;
    expect(stack.printed).to.match(remedy).and.not.include('OpenSearch');
  });

  it('makes bundles up for plug-ins that can, and names those that can not', async () => {
    const made = join(folder.path, 'made');
    const generate = (metadata: string) =>
      lazuli(['generate', made, '--metadata', metadata, '--plugin', plugin, '--bundles', '2']);
    const { code, err } = await generate('recordings');
    expect({ code, err }).to.deep.include({ code: 2 });
    expect(err).to.contain("The metadata plug-in 'recordings' makes no bundles up.").and.contain('such as hca');
    expect((await generate('hca')).code).to.equal(0);
    expect(JSON.parse(readFileSync(join(made, 'bundles.json'), 'utf8'))).to.include({
      catalog: 'hca',
      metadata: 'hca',
    });
  });

  it('says before anything starts that two folders are of one catalog', async () => {
    const copy = join(folder.path, 'copy');
    cpSync(recordings, copy, { recursive: true });
    const stack = start('--bundles', recordings, '--bundles', copy);
    expect(await stack.ended).to.equal(2);
    expect(stack.printed).to.include('error: Two folders are of catalog recordings: ').and.not.include('OpenSearch');
  });
});
