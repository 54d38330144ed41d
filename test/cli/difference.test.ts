import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { compared } from '../../cli/commands/forecast.ts';
import { compareWithRepository } from '../../cli/pipeline/difference.ts';
import { parseSettings } from '../../core/config/settings.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import { fqid, source, toy } from '../rigs/models/toy.ts';
import { stageBatch, type TestNotification } from '../rigs/transform/staging.ts';

const otherSource = { id: 'source-2', spec: 'other:/0' };
const unlisted = { id: 'source-3', spec: 'unlisted:/0' };
const of = (from: typeof source, n: number, version = '1') => ({ ...fqid(n, version), source: from });
const add = (bundle: ReturnType<typeof of>): TestNotification => ({
  action: 'add',
  fqid: bundle,
  contents: { things: [] },
});
const remove = (bundle: ReturnType<typeof of>): TestNotification => ({ action: 'delete', fqid: bundle });

describe('`lazuli reindex --from repository --dry-run`', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-difference-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function settingsOf(listed: readonly ReturnType<typeof of>[]) {
    const bundles = listed.map(({ uuid, version, source: from }) => ({ file: 'x.json', uuid, version, source: from }));
    await writeFile(join(folder, 'bundles.json'), JSON.stringify({ sources: [source, otherSource], bundles }));
    const plugins = { metadata: { name: 'hca' }, repository: { name: 'canned', folder } };
    const folders = { staging: join(folder, 'staging'), state: folder, deadLetters: folder };
    const urls = { opensearch: { url: 'http://127.0.0.1:1' }, kinesis: { endpoint: 'http://127.0.0.1:1' } };
    const http = { query: 1, indexer: 1, ingest: 1, transform: 1 };
    const catalogs = { hca: { atlas: 'hca', plugins, sources: [] } };
    return parseSettings({ ...urls, http, folders, hmacKeyFile: '/k', catalogs }, 'test');
  }

  const nothing = { listed: 0, staged: 0, missing: 0, other: 0, gone: 0 };
  const everything = { source: null, prefix: '' };

  it('tells by source what is not staged, staged in another version, and gone', async () => {
    const listed = [of(source, 1), of(source, 2, '2'), of(source, 2, '1'), of(source, 3), of(otherSource, 4)];
    const settings = await settingsOf(listed);
    const store = new FolderStore(settings.folders.staging);
    const stage = (...notifications: readonly TestNotification[]) => stageBatch(store, toy, 'hca', notifications);
    await stage(add(of(source, 1)), add(of(source, 2)), add(of(source, 5)), add(of(unlisted, 6)));
    await stage(add(of(source, 3)), remove(of(source, 3)));
    await stage(add(of(otherSource, 4)), remove(of(otherSource, 4)), {
      ...remove(of(otherSource, 4)),
      action: 'restore',
    });
    await stageBatch(store, toy, 'hca', [add(of(source, 7))], 'abcdef');
    const found = await compareWithRepository(settings, 'hca', everything);
    expect(found).to.deep.equal([
      { source: source.id, spec: source.spec, listed: 3, staged: 3, missing: 1, other: 1, gone: 1 },
      { ...nothing, source: otherSource.id, spec: otherSource.spec, listed: 1, staged: 1 },
      { ...nothing, source: unlisted.id, spec: unlisted.spec, staged: 1, gone: 1 },
    ]);
    expect(await compareWithRepository(settings, 'hca', { source: '*listed*', prefix: '' })).to.deep.equal(
      found.slice(2),
    );
    expect(await compareWithRepository(settings, 'hca', { source: 'source-1', prefix: 'f' })).to.deep.equal([
      { ...nothing, source: source.id, spec: source.spec },
    ]);
    expect(compared('hca', found)).to.deep.equal([
      'a reindex of hca from the repository would fetch 4 bundles',
      'source    listed  staged  new  other version  gone',
      'source-1  3       3       1    1              1',
      'source-2  1       1       0    0              0',
      'source-3  0       1       0    0              1',
    ]);
  });

  it('tells what is listed where nothing is staged', async () => {
    const settings = await settingsOf([of(source, 1)]);
    expect(await compareWithRepository(settings, 'hca', { source: source.spec, prefix: '' })).to.deep.equal([
      { ...nothing, source: source.id, spec: source.spec, listed: 1, missing: 1 },
    ]);
  });
});
