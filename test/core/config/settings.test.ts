import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { clone } from '../../../cli/clone.ts';
import { defaultCatalog, isCatalogName } from '../../../core/config/catalogs.ts';
import { LazuliError } from '../../../core/config/errors.ts';
import { pluginFolder } from '../../../core/config/plugin-places.ts';
import { parseSettings, readSettings, type SettingsInput } from '../../../core/config/settings.ts';

const catalog = {
  atlas: 'hca',
  plugins: { metadata: { name: 'hca' }, repository: { name: 'canned', folder: '/bundles' } },
  sources: ['https://repository.example/v1:/0'],
};
const least: SettingsInput = {
  folders: { staging: '/s', state: '/t', deadLetters: '/d' },
  opensearch: { url: 'http://127.0.0.1:9200' },
  kinesis: {},
  http: {},
  hmacKeyFile: '/k',
  catalogs: { first: catalog, second: catalog },
};

function refusal(change: object): LazuliError {
  try {
    parseSettings({ ...least, ...change }, 'settings');
  } catch (error) {
    if (error instanceof LazuliError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('Settings', () => {
  it('have defaults, and the first catalog is the default one', () => {
    const settings = parseSettings(least, 'settings');
    expect(settings.http).to.deep.equal({
      host: '127.0.0.1',
      query: 8000,
      indexer: 8001,
      ingest: 8002,
      transform: 8003,
      metrics: 8004,
      export: 8005,
      builder: 8006,
    });
    expect(defaultCatalog(settings.catalogs)).to.equal('first');
    expect(settings.catalogs.first?.internal).to.equal(false);
    expect(settings.catalogs.first?.plugins.repository).to.deep.equal({ name: 'canned', folder: '/bundles' });
  });

  const wrong: Readonly<Record<string, [object, RegExp]>> = {
    'a member that is not known': [{ colour: 'red' }, /colour/],
    'no catalog': [{ catalogs: {} }, /No catalog/],
    'a catalog name with capitals': [{ catalogs: { HCA: catalog } }, /catalog name 'HCA'/],
    'a test catalog that is not internal': [{ catalogs: { 'dcp2-it': catalog } }, /dcp2-it/],
    'a catalog without repository': [
      { catalogs: { a: { ...catalog, plugins: { metadata: { name: 'hca' } } } } },
      /repository/,
    ],
    'more sources than a search can name': [
      { catalogs: { a: { ...catalog, sources: Array.from({ length: 65_537 }, (_, i) => `s${i}:`) } } },
      /more than 65536 sources/,
    ],
    'a malformed source': [{ catalogs: { a: { ...catalog, sources: ['nothing'] } } }, /'nothing'/],
    'a port out of range': [{ http: { query: 70_000 } }, /query/],
    'a deployment name with a dash': [{ deployment: 'my-own' }, /deployment/],
    'a plug-in at a path that begins with a name': [
      { plugins: ['plugins/mine'] },
      /begins with \/, \.\/ or \.\.\/.*at plugins\[0\]/s,
    ],
    'a plug-in in a package': [{ plugins: ['@scope/name/inside'] }, /npm package/],
    'a plug-in in the home of whoever reads it': [{ plugins: ['~/mine'] }, /npm package/],
    'a plug-in of no name': [{ plugins: [''] }, /npm package/],
    'a URL that is none': [{ opensearch: { url: 'here' } }, /url/],
  };
  for (const [what, [change, message]] of Object.entries(wrong)) {
    it(`are refused with ${what}, and it is named`, () => {
      const error = refusal(change);
      expect(error.code).to.equal('configuration_invalid');
      expect(error.message).to.match(message);
    });
  }

  it('name the file that can not be read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lazuli-'));
    const file = join(folder, 'lazuli.json');
    expect(() => readSettings(file)).to.throw(LazuliError, file);
    writeFileSync(file, '{');
    expect(() => readSettings(file)).to.throw(LazuliError, file);
    writeFileSync(file, JSON.stringify(least).replace('"catalogs":', '"catalogs":{},"catalogs":'));
    expect(() => readSettings(file)).to.throw(LazuliError, `${file}: it has two members /catalogs`);
    writeFileSync(file, JSON.stringify(least));
    expect(readSettings(file).deployment).to.equal('local');
    rmSync(folder, { recursive: true });
  });
});

describe('Plug-ins of settings', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lazuli-'));
  after(() => rmSync(folder, { recursive: true }));

  it('are relative to the file that has them', () => {
    const file = join(folder, 'lazuli.json');
    writeFileSync(file, JSON.stringify({ ...least, plugins: ['./mine', '../yours', '/theirs', '.'] }));
    expect(readSettings(file).plugins).to.deep.equal([
      join(folder, 'mine'),
      join(dirname(folder), 'yours'),
      '/theirs',
      folder,
    ]);
  });

  it('are packages of the folder, of those above, or of the clone; else named where they would be', () => {
    const [above, own] = [join(folder, 'node_modules/@a/b'), join(folder, 'etc/node_modules/c')];
    for (const one of [above, own]) {
      mkdirSync(one, { recursive: true });
      writeFileSync(join(one, 'package.json'), '{}');
    }
    const folders = ['@a/b', 'c', 'zod', 'nosuch'].map((name) => pluginFolder(name, join(folder, 'etc')));
    expect(folders).to.deep.equal([
      above,
      own,
      join(clone, 'node_modules/zod'),
      join(folder, 'etc/node_modules/nosuch'),
    ]);
  });
});

describe('A catalog name', () => {
  it('has at most 64 characters of lower case, digits and single dashes', () => {
    for (const name of ['a', 'dcp2', 'dcp2-it', 'a-1-b', 'a'.repeat(64)])
      expect(isCatalogName(name), name).to.equal(true);
    for (const name of ['', '1a', 'a_b', 'a--b', 'a-', '-a', 'A', 'ä', 'a'.repeat(65)])
      expect(isCatalogName(name), name).to.equal(false);
  });
});
