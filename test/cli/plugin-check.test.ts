import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CheckReport } from '../../cli/plugin/check/check.ts';
import type { Finding } from '../../cli/plugin/check/finding.ts';
import { writePlugin } from '../../cli/plugin/new.ts';
import { main } from '../../cli/program.ts';
import { moduleOf, repositoryPlugin, thingsPlugin, written } from '../plugins/outside/folders.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';

describe('lazuli plugin check', () => {
  const temporary = temporaryFolder();
  after(() => temporary[Symbol.dispose]());
  let made = 0;
  const place = (): string => join(temporary.path, String(made++));

  /** A new plug-in, with changes of its source or of other files: pairs of a text and what replaces it. */
  function changed(changes: Readonly<Record<string, readonly (readonly [string, string])[]>> = {}): string {
    const folder = place();
    writePlugin(folder, 'recordings');
    for (const [name, pairs] of Object.entries(changes)) {
      const file = join(folder, name);
      let text = readFileSync(file, 'utf8');
      for (const [old, fresh] of pairs) {
        expect(text, `${old} in ${name}`).to.contain(old);
        text = text.replace(old, fresh);
      }
      writeFileSync(file, text);
    }
    return folder;
  }

  async function check(folder: string, ...more: readonly string[]) {
    const { lines, output } = printed();
    const code = await main(['plugin', 'check', folder, ...more], output);
    return { code, lines: lines.out, text: lines.out.join('\n') };
  }

  async function report(folder: string, ...more: readonly string[]): Promise<CheckReport & { readonly code: number }> {
    const { code, text } = await check(folder, '--json', ...more);
    return { code, ...JSON.parse(text) };
  }

  it('finds nothing wrong with a new plug-in, and tells of its fields and documents', async () => {
    const folder = changed();
    const { code, findings, plugins } = await report(folder);
    expect({ code, findings }).to.deep.equal({ code: 0, findings: [] });
    const [{ kind, name, metadata } = { kind: '', name: '', metadata: null }] = plugins;
    expect({ kind, name }).to.deep.equal({ kind: 'metadata', name: 'recordings' });
    const rows = { albums: 2, performers: 2, tracks: 4, documents: 2, ensembles: 1 };
    expect(metadata?.samples).to.deep.equal({ bundles: 2, staged: 2, rows });
    expect(metadata?.types.map(({ name, documents, served }) => [name, documents, served])).to.deep.equal([
      ['albums', 2, '/index/albums'],
      ['artists', 2, '/index/artists'],
    ]);
    const [albums] = metadata?.types ?? [];
    expect(albums?.fields).to.deep.include.members([
      { field: 'albums.label', type: 'string', limit: null, api: 'label', facet: true },
      { field: 'artists.instruments', type: '[string]', limit: 100, api: 'instrument', facet: true },
      { field: 'tracks.seconds', type: 'int', limit: null, api: null, facet: false },
      { field: 'total_seconds', type: 'int', limit: null, api: 'totalSeconds', facet: false },
    ]);
    expect(albums?.example?.document).to.include({ entity_id: 'concerto', total_seconds: 900 });
    expect(albums?.example?.hit).to.include({ entryId: 'concerto', totalSeconds: 900 });
  });

  it('prints that for a person, too', async () => {
    const { code, lines } = await check(changed());
    expect(code).to.equal(0);
    expect(lines).to.include('entity type albums: 2 documents, served at /index/albums, sorted by albumTitle');
    expect(lines.some((line) => /^ {2}artists\.name +\[string\] +100 +artistName +yes$/.test(line))).to.equal(true);
    expect(lines).to.include("      entity_id: 'concerto',");
    expect(lines.at(-1)).to.equal('no findings: it can be used');
  });

  const broken: Readonly<
    Record<string, readonly [string, string, Omit<Finding, 'where'>['severity'], RegExp, RegExp]>
  > = {
    'a declaration that is wrong': [
      "implicitHub: 'albums'",
      "implicitHub: 'album'",
      'error',
      /'album' is no entity type/,
      /declarations/,
    ],
    'a value that does not fit its column': [
      '{ title: album.title,',
      '{ title: 1,',
      'error',
      /'title' /,
      /Correct the metadata/,
    ],
    'a set of rows of another table': [
      'artists: builder.set([row])',
      'artists: albums',
      'error',
      /albums/,
      /Correct the metadata plug-in/,
    ],
    'an entity that is not declared': [
      "builder.entity('artists'",
      "builder.entity('artist'",
      'error',
      /'artist'/,
      /Correct the metadata plug-in/,
    ],
    'what it throws unforeseen': [
      'const builder =',
      "if (album.id === 'concerto') throw new Error('boom');\n  const builder =",
      'error',
      /boom/,
      /plug-in/,
    ],
    'a bundle that is not staged whole': [
      "builder.document('', contents,",
      "builder.document('/album', Object(contents).album,",
      'error',
      /can't be put together again/,
      /Correct the metadata plug-in/,
    ],
    chance: [
      '{ title: album.title,',
      '{ title: String(Math.random()),',
      'error',
      /gives other rows the second time/,
      /no clock, no chance/,
    ],
    'a bundle that it changes': [
      'const builder =',
      'Object(contents).more = Object.keys(Object(contents)).length;\n  const builder =',
      'error',
      /is changed by `normalize`|other rows|put together/,
      /no clock|plug-in/,
    ],
    'a hit that is none': [
      'return { entryId,',
      'if (contents) return null;\n  return { entryId,',
      'error',
      /gives no object/,
      /Correct `present`|Expect null/,
    ],
    'nulls that it does not bear': [
      'return { entryId,',
      'contents.albums?.map(({ title }) => (title as string).length);\n  return { entryId,',
      'error',
      /`present` throws TypeError/,
      /Expect null in any field/,
    ],
    'a hit that is not as declared': [
      '  present,\n',
      '  present,\n  hit: () => z.object({ colour: z.string() }),\n',
      'error',
      /the hit isn't as `hit` says/,
      /Correct `hit`/,
    ],
    'a sensitive member that no sample has': [
      '  present,\n',
      "  present,\n  sensitive: ['/performers/*/name', '/performers/*/age'],\n",
      'warning',
      /is declared sensitive, and no sample bundle has it/,
      /Correct the pointer/,
    ],
    'rows that nobody has': [
      'const albums = builder.set([albumRow]);',
      "builder.row('albums', 'other', { title: '', label: null });\n  const albums = builder.set([albumRow]);",
      'warning',
      /rows of table 'albums' are in no set/,
      /sets of the entities/,
    ],
    'an entity type of which there is none': [
      "builder.entity('artists', id,",
      "if (id === '') builder.entity('artists', id,",
      'warning',
      /no sample bundle makes a document of entity type 'artists'/,
      /Add a bundle/,
    ],
  };
  for (const [what, [old, fresh, severity, message, remedy]] of Object.entries(broken)) {
    it(`finds ${what}, says what helps, and ends with ${severity === 'error' ? 1 : 0}`, async () => {
      const { code, findings } = await report(changed({ 'plugin.ts': [[old, fresh]] }));
      const found = findings.find((one) => one.severity === severity && message.test(one.what));
      expect(found, JSON.stringify(findings)).to.be.an('object');
      expect(found?.remedy).to.match(remedy);
      expect(code).to.equal(severity === 'error' ? 1 : 0);
    });
  }

  it('names bundle, entity and field, in a table for a person', async () => {
    const wrong = changed({ 'bundles/concerto.json': [['"format": "flac"', '"format": 7']] });
    const { findings } = await report(wrong);
    expect(findings.filter(({ severity }) => severity === 'error')).to.have.lengthOf(1);
    expect(findings[0]?.where).to.match(/^bundle e0a3c9d4-[-\w]+\.2021-.*, tracks\.0\.format$/);
    const { code, text } = await check(wrong);
    expect(code).to.equal(1);
    expect(text)
      .to.match(/where +what +remedy\s/)
      .and.match(/error +bundle e0a3c9d4/)
      .and.match(/\nerrors: 1$/);
  });

  it('goes on with the other bundles, and tells a mistake in all of them by some', async () => {
    const folder = changed();
    const bundles = Array.from({ length: 10 }, (_, i) => ({
      file: 'wrong.json',
      uuid: `00000000-0000-4000-8000-00000000000${i}`,
      version: '1',
    }));
    const index = JSON.parse(readFileSync(join(folder, 'bundles/bundles.json'), 'utf8'));
    const samples = written(place(), { 'wrong.json': '{}', 'bundles.json': { ...index, bundles } });
    const { findings, plugins } = await report(folder, '--bundles', samples);
    expect(findings.map(({ what }) => what).at(-1)).to.equal('7 more findings like these');
    expect(plugins[0]?.metadata?.samples).to.deep.equal({ bundles: 10, staged: 0, rows: {} });
  });

  it('finds what can not be loaded, and a folder that is not there', async () => {
    const { code, findings } = await report(written(place(), { 'plugin.ts': 'throw new Error("boom");' }));
    expect({ code, plugins: findings.length }).to.deep.equal({ code: 1, plugins: 1 });
    expect(findings[0]).to.include({ severity: 'error', remedy: 'Correct the plug-in.' });
    const nowhere = await report(place());
    expect(nowhere.code).to.equal(1);
    expect(nowhere.findings[0]?.what).to.match(/^There is no folder/);
  });

  it('finds samples of another plug-in, and that there are none', async () => {
    const folder = written(place(), { 'plugin.ts': moduleOf(`metadata: [${thingsPlugin('things')}]`) });
    const none = await report(folder);
    expect(none.code).to.equal(0);
    expect(none.findings[0]).to.include({ severity: 'warning', where: 'things' });
    const others = await report(folder, '--bundles', join(changed(), 'bundles'));
    expect(others.code).to.equal(1);
    expect(others.findings[0]).to.include({ remedy: 'Choose one of: things.' });
    expect(others.findings[0]?.what).to.contain("its `metadata` is 'recordings'");
  });

  it('tells of plug-ins of other kinds that they are there', async () => {
    const folder = written(place(), { 'plugin.ts': moduleOf(`repository: [${repositoryPlugin('shelf', '({})')}]`) });
    const { code, plugins, findings } = await report(folder);
    expect({ code, findings }).to.deep.equal({ code: 0, findings: [] });
    expect(plugins).to.deep.equal([{ kind: 'repository', name: 'shelf', metadata: null }]);
  });
});
