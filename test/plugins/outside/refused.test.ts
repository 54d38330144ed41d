import { join } from 'node:path';
import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import { openCatalogs } from '../../../ingest/catalogs.ts';
import { loadFolder } from '../../../plugins/outside/load.ts';
import { metadataPlugin, openRepository, refusedPlugins } from '../../../plugins/registry.ts';
import { temporaryFolder } from '../../rigs/cli/lazuli.ts';
import { ownPlugins } from '../../rigs/own-plugins.ts';
import { moduleOf, repositoryPlugin, thingsPlugin, written } from './folders.ts';

type Files = Readonly<Record<string, string | object>>;

const things = thingsPlugin('things');
const module = moduleOf(`metadata: [${things}]`);
const plugin = (text: string): Files => ({ 'plugin.ts': text });
const installed = 'node_modules/things';
/** Names of Lazuli's own plug-ins of a kind. */

/** What is wrong: files, the message without the folder, and the remedy. */
const wrong: Readonly<Record<string, readonly [Files, RegExp, RegExp]>> = {
  'no file to load': [{ 'readme.md': '' }, /it has no plugin\.ts$/, /Build the package, or name/],
  'a main file that is not built': [
    { 'package.json': { main: 'dist/plugin.js' } },
    /`main` of its package\.json has no dist\/plugin\.js$/,
    /Build the package/,
  ],
  'a main file elsewhere': [
    { 'package.json': { main: '../elsewhere.js' } },
    /names \.\.\/elsewhere\.js, which isn't in that folder/,
    /inside/,
  ],
  'exports for others only': [
    { 'package.json': { exports: { './other': './o.js' } } },
    /`exports` of its package/,
    /Build/,
  ],
  'a package.json that is torn': [{ 'package.json': '{', ...plugin(module) }, /package\.json can't be read/, /Correct/],
  'an error while it is loaded': [
    plugin('function boom(): never {\n  throw new Error("boom");\n}\nboom();'),
    /can't be loaded: Error: boom \(.*plugin\.ts:2:9\)$/,
    /Correct the plug-in/,
  ],
  'what is thrown that is no error': [plugin('throw null;'), /can't be loaded: null$/, /Correct the plug-in/],
  'a mistake in its syntax': [plugin('export const = 1;'), /can't be loaded: SyntaxError/, /no TypeScript/],
  'types that do more than say something': [
    plugin('export enum A { b }'),
    /enum is not supported/,
    /erasableSyntaxOnly/,
  ],
  'a package that it lacks': [
    plugin("import 'nosuch-package';"),
    /Cannot find package 'nosuch-package'/,
    /npm install/,
  ],
  'what the contract does not give': [
    plugin("import { nosuch } from 'lazuli/plugin';\nexport const plugins = nosuch;"),
    /does not provide an export named 'nosuch'/,
    /another version of Lazuli/,
  ],
  'more of Lazuli than the contract': [plugin("import 'lazuli/core/config/errors.ts';"), /'lazuli'/, /lazuli\/plugin/],
  'another export': [plugin('export const plugin = {};'), /exports no `plugins`$/, /contract: 1/],
  'no version of the contract': [plugin('export const plugins = { metadata: [] };'), /for no version/, /contract: 1/],
  'another version of the contract': [
    plugin(moduleOf(`metadata: [${things}]`, '2')),
    /for version 2 of the contract of plug-ins; this Lazuli has version 1/,
    /contract 1/,
  ],
  'a kind that there is not': [plugin(moduleOf('metdata: []')), /of the kind 'metdata'/, /metadata, repository/],
  'one that is in no list': [plugin(moduleOf(`metadata: ${things}`)), /`plugins\.metadata` is no list/, /list/],
  'none at all': [plugin(moduleOf('metadata: []')), /exports no plug-in$/, /at least one/],
  'one that has no name': [plugin(moduleOf('metadata: [{}]')), /`plugins\.metadata\[0\]` has no `name`/, /Give it one/],
  'one that is nothing': [plugin(moduleOf('metadata: [null]')), /metadata\[0\]` has no `name`/, /Give it one/],
  'two of one name': [
    plugin(moduleOf(`metadata: [${things}, ${things}]`)),
    /two metadata plug-ins called 'things'/,
    /Rename/,
  ],
  'one of another kind': [
    plugin(moduleOf(`metadata: [${repositoryPlugin('things', '({})')}]`)),
    /as a metadata plug-in, but has no object `tables`.*no function `normalize`/,
    /its own kind/,
  ],
  'declarations that nobody can read': [
    plugin(moduleOf(`metadata: [${thingsPlugin('things', 'tables: { things: {} }')}]`)),
    /metadata plug-in 'things' can't be checked/,
    /Correct the plug-in/,
  ],
  'declarations that are wrong': [
    plugin(moduleOf(`metadata: [${thingsPlugin('things', "implicitHub: 'nosuch'")}]`)),
    /the implicit hub 'nosuch' is no entity type/,
    /Correct its declarations/,
  ],
  'the name of one of the clone': [
    plugin(moduleOf(`metadata: [${thingsPlugin('hca')}]`)),
    /'hca' of its own/,
    /Rename/,
  ],
};

describe('A plug-in from outside of the clone is refused with', () => {
  const temporary = temporaryFolder();
  after(() => temporary[Symbol.dispose]());
  let made = 0;
  const folder = (files: Files): string => written(join(temporary.path, String(made++)), files);
  const refusal = async (work: Promise<unknown>): Promise<LazuliError> => {
    const error = await work.catch((reason: unknown) => reason);
    if (error instanceof LazuliError) return error;
    throw new Error('it was accepted');
  };

  for (const [what, [files, message, remedy]] of Object.entries(wrong)) {
    it(what, async () => {
      const [refused, ...more] = await refusedPlugins({ plugins: [folder(files)] });
      expect(more).to.deep.equal([]);
      expect(refused?.code).to.equal('configuration_invalid');
      expect(refused?.message).to.match(message);
      expect(refused?.remedy).to.match(remedy);
    });
  }

  it('no folder, or a file in its place', async () => {
    const file = join(folder({ 'plugin.ts': module }), 'plugin.ts');
    const [missing, notFolder] = await refusedPlugins({ plugins: [join(temporary.path, 'nowhere'), file] });
    expect(missing).to.include({ message: `There is no folder ${temporary.path}/nowhere` });
    expect(notFolder).to.include({ message: `${file} is no folder`, remedy: 'Name the folder that it is in.' });
  });

  it('TypeScript in node_modules, where Node strips no types', async () => {
    const site = folder({ [`${installed}/plugin.ts`]: module });
    const [refused] = await refusedPlugins({ plugins: [join(site, installed)] });
    expect(refused?.remedy).to.contain('publish the package as JavaScript');
  });

  it('a wait that has no end, when its time is over', async () => {
    const waiting = folder(plugin('await new Promise(() => {});'));
    const { message } = await refusal(loadFolder(waiting, { sleep: async () => {} }));
    expect(message).to.equal(`${waiting} isn't loaded after 30 s: it waits for something`);
  });

  it('the same name as another one', async () => {
    const [one, two] = [folder(plugin(module)), folder(plugin(module))];
    const { message, remedy } = await refusal(metadataPlugin('things', { plugins: [one, two] }));
    expect(message).to.equal(`Several metadata plug-ins are called 'things': those of ${one} and ${two}`);
    expect(remedy).to.contain('`plugins` of the settings');
  });

  it('what it throws when it is opened, and what it opens that is no repository', async () => {
    const text = moduleOf(
      `repository: [${repositoryPlugin('broken', 'nothing')}, ${repositoryPlugin('empty', '({})')}]`,
    );
    const open = (name: string) => {
      const plugins = { metadata: { name: 'hca' }, repository: { name } };
      return openRepository({ atlas: 'a', internal: false, sources: [], plugins }, { plugins: [folder(plugin(text))] });
    };
    expect((await refusal(open('broken'))).message).to.contain("'broken' can't be opened: ReferenceError: nothing");
    expect((await refusal(open('empty'))).message).to.contain('has no function `listSources`');
  });

  it('words that tell a missing plug-in from one of another kind and from one that may be in a broken folder', async () => {
    const plugins = [folder(plugin(module))];
    const catalog = {
      atlas: 'a',
      internal: false,
      sources: [],
      plugins: { metadata: { name: 'things' }, repository: { name: 'things' } },
    };
    const other = await refusal(openRepository(catalog, { plugins }));
    expect(other.message).to.equal(
      `There is no repository plug-in 'things'; that of ${plugins[0]} is a plug-in of the kind metadata`,
    );
    expect(other.remedy).to.equal(`Choose one of: ${ownPlugins('repository').join(', ')}.`);
    expect((await refusal(metadataPlugin('other', { plugins }))).remedy).to.equal(
      `Choose one of: ${[...ownPlugins('metadata'), 'things'].join(', ')}.`,
    );
    const broken = folder(plugin('throw new Error("boom");'));
    const hidden = await refusal(metadataPlugin('other', { plugins: [broken] }));
    expect(hidden.message).to.match(/^There is no metadata plug-in 'other'; .* can't be loaded: Error: boom/);
  });

  it('nothing more than its own catalogs stopped', async () => {
    const bundles = folder({ 'bundles.json': { source: { id: 's', spec: 'test:/0' }, bundles: [] } });
    const catalogOf = (metadata: string) => ({
      ...{ atlas: 'a', internal: false, sources: [] },
      plugins: { metadata: { name: metadata }, repository: { name: 'canned', folder: bundles } },
    });
    const plugins = [
      folder(plugin(module)),
      folder(plugin('throw new Error("boom");')),
      folder(plugin(moduleOf(`metadata: [${thingsPlugin('hca')}]`))),
      folder(plugin(moduleOf(`metadata: [${thingsPlugin('wrong', 'tables: { things: {} }')}]`))),
    ];
    const catalogs = Object.fromEntries(['hca', 'things', 'boom', 'wrong'].map((name) => [name, catalogOf(name)]));
    const { open, refused } = await openCatalogs({ catalogs, plugins });
    expect([...open.keys()]).to.deep.equal(['hca', 'things']);
    expect([...refused.keys()]).to.deep.equal(['boom', 'wrong']);
    expect(open.get('hca')?.plugin.entityTypes).to.have.property('projects');
  });
});
