import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import { pluginFolder } from '../../../core/config/plugin-places.ts';
import type { Bundle } from '../../../core/model/bundle.ts';
import { metadataPlugin, openAuthentication, openRepository, refusedPlugins } from '../../../plugins/registry.ts';
import { temporaryFolder } from '../../rigs/cli/lazuli.ts';
import { moduleOf, repositoryPlugin, thingsPlugin, written } from './folders.ts';

const things = moduleOf(`metadata: [${thingsPlugin('things')}]`);
const type = 'module';
const catalogOf = (metadata: string, repository = 'canned') => ({
  ...{ atlas: 'a', internal: false, sources: [] },
  plugins: { metadata: { name: metadata }, repository: { name: repository, folder: '/bundles' } },
});

describe('Plug-ins from outside of the clone', () => {
  const temporary = temporaryFolder();
  after(() => temporary[Symbol.dispose]());
  let made = 0;
  const folder = (files: Readonly<Record<string, string | object>>): string =>
    written(join(temporary.path, String(made++)), files);

  it('are of a folder, and throw errors that Lazuli knows', async () => {
    const normalize = `normalize: () => { throw new LazuliError('bundle_invalid', 'no thing'); }`;
    const at = folder({ 'plugin.ts': moduleOf(`metadata: [${thingsPlugin('things', normalize)}]`) });
    const plugin = await metadataPlugin('things', { plugins: [at] });
    expect(plugin.name).to.equal('things');
    expect(() => plugin.normalize({} as Bundle)).to.throw(LazuliError, 'no thing');
  });

  const entries: Readonly<Record<string, Readonly<Record<string, string | object>>>> = {
    'plugin.js': { 'plugin.js': things },
    'index.js': { 'index.js': things },
    'TypeScript of its own package': { 'package.json': { type }, 'plugin.ts': things },
    main: { 'package.json': { type, main: 'lib/things.js' }, 'lib/things.js': things },
    'main without an ending': { 'package.json': { type, main: './lib' }, 'lib/index.js': things },
    exports: { 'package.json': { type, exports: './lib/things.js' }, 'lib/things.js': things },
    'conditional exports': {
      'package.json': {
        type,
        main: 'no.cjs',
        exports: { '.': { types: './t.d.ts', require: './no.cjs', import: './t.js' } },
      },
      't.js': things,
    },
  };
  for (const [what, files] of Object.entries(entries)) {
    it(`are found by ${what}`, async () => {
      expect((await metadataPlugin('things', { plugins: [folder(files)] })).name).to.equal('things');
    });
  }

  it('are of an npm package, which is looked for from the settings upwards', async () => {
    const site = folder({
      'node_modules/things/package.json': { type, name: 'things', exports: './index.js' },
      'node_modules/things/index.js': things,
      'node_modules/@scope/two/package.json': { type, name: '@scope/two' },
      'node_modules/@scope/two/plugin.js': moduleOf(`metadata: [${thingsPlugin('two')}]`),
    });
    const plugins = ['things', '@scope/two'].map((name) => pluginFolder(name, join(site, 'etc/lazuli')));
    for (const name of ['things', 'two']) expect((await metadataPlugin(name, { plugins })).name).to.equal(name);
  });

  it('may be TypeScript in a package that is linked', async () => {
    const sources = folder({
      'package.json': { type, name: 'linked' },
      'plugin.ts': `const a: number = 1;\n${things}`,
    });
    const site = folder({ 'node_modules/other/package.json': {} });
    symlinkSync(sources, join(site, 'node_modules/linked'));
    expect((await metadataPlugin('things', { plugins: [pluginFolder('linked', site)] })).name).to.equal('things');
  });

  it('are of several kinds, several of each', async () => {
    const repository = '({ listSources() {}, listBundles() {}, fetchBundle() {}, accessibleSources() {} })';
    const module = moduleOf(`metadata: [${thingsPlugin('one')}, ${thingsPlugin('two')}],
      repository: [${repositoryPlugin('shelf', repository)}],
      authentication: [${repositoryPlugin('door', '({ identify: () => ({ subject: "me" }) })')}]`);
    const from = { plugins: [folder({ 'plugin.ts': module })] };
    expect(await refusedPlugins(from)).to.deep.equal([]);
    expect((await metadataPlugin('two', from)).name).to.equal('two');
    expect(await openRepository(catalogOf('one', 'shelf'), from)).to.have.property('fetchBundle');
    const door = await openAuthentication({ name: 'door' }, from);
    expect(await door.identify(undefined, new AbortController().signal)).to.deep.equal({ subject: 'me' });
  });

  it('that no catalog names are told of, too', async () => {
    const plugins = [join(temporary.path, 'nowhere'), folder({ 'plugin.ts': things })];
    expect((await refusedPlugins({ plugins })).map(({ message }) => message)).to.deep.equal([
      `There is no folder ${plugins[0]}`,
    ]);
  });
});
