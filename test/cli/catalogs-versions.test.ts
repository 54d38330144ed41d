import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../cli/program.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { printed } from '../rigs/cli/printed.ts';
import { catalogsOf } from '../rigs/models/many-catalogs.ts';

describe('lazuli catalogs', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let config: string;
  beforeEach(() => {
    folder = temporaryFolder();
    config = join(folder.path, 'settings.json');
    mkdirSync(join(folder.path, 'bundles'));
    writeFileSync(join(folder.path, 'bundles', 'bundles.json'), JSON.stringify({ sources: [], bundles: [] }));
    const { catalogs: _, ...settings } = settingsIn(folder.path);
    writeFileSync(config, JSON.stringify({ ...settings, catalogsFrom: 'staging' }));
  });
  afterEach(() => folder[Symbol.dispose]());

  const run = async (...args: string[]) => {
    const { lines, output } = printed();
    const code = await main(['catalogs', ...args, '--config', config], output);
    return { code, out: lines.out.join('\n'), err: lines.err.join('\n') };
  };
  const inFile = (value: unknown): string => {
    const file = join(folder.path, 'given.json');
    writeFileSync(file, JSON.stringify(value));
    return file;
  };
  const catalogs = (...sources: string[]) => {
    const { hca } = settingsIn(folder.path).catalogs;
    return { hca: { ...hca, sources } };
  };

  it('puts, shows, compares and restores versions', async () => {
    expect(await run('get')).to.include({
      code: 1,
      err: 'error: There is no version of the catalogs yet.\nremedy: Put the first one: `lazuli catalogs put FILE`.',
    });
    expect(await run('history')).to.include({ code: 0, out: 'no versions' });
    const first = await run('put', inFile(catalogs('a:', 'b:')), '--by', 'ann');
    expect(first.out).to.match(/^version 1 put: 1 catalogs added, 2 sources added\nProcesses take it over/);
    expect(first.err).to.equal(`nothing → ${inFile(catalogs('a:', 'b:'))}\n+ catalog hca`);
    const got = JSON.parse((await run('get', '--json')).out);
    expect(got).to.deep.equal({ version: 1, catalogs: catalogs('a:', 'b:') });

    const edited = inFile({ ...got, catalogs: catalogs('b:', 'c:') });
    const tried = await run('put', edited, '--dry-run');
    expect(tried).to.include({ code: 0, out: 'nothing was put' });
    expect(tried.err).to.include('catalog hca: 1 sources added, 1 removed, 0 settings changed\n  + c:\n  - a:');
    expect((await run('put', edited, '--by', 'bob', '--message', 'c for a')).out).to.include(
      '`lazuli source remove ID --catalog hca` deletes what one has.',
    );
    expect(await run('put', edited)).to.deep.include({ code: 1 });
    expect((await run('put', edited)).err).to.include('come from version 1, and now version 2 counts');
    expect((await run('put', inFile(catalogs('b:', 'c:')))).out).to.equal('they are the same: nothing was put');

    expect((await run('diff')).out).to.match(/^version 1 → version 2\ncatalog hca: 1 sources added, 1 removed/);
    expect((await run('diff', '2', '1')).out).to.include('  + a:\n  - c:');
    expect((await run('diff', inFile(catalogs('b:')))).out).to.match(/^version 2 → .*given.json\n.*\n {2}- c:$/);
    const restored = JSON.parse((await run('restore', '1', '--json')).out);
    expect(restored).to.deep.include({ version: 3 });
    expect(JSON.parse((await run('get', '--version', '3', '--json')).out).catalogs).to.deep.equal(catalogs('a:', 'b:'));
    const history = JSON.parse((await run('history', '--json')).out) as readonly Record<string, unknown>[];
    expect(
      history.map(({ version, by, message, restores }) => [version, by, message, restores]).slice(1),
    ).to.deep.equal([
      [2, 'bob', 'c for a', null],
      [1, 'ann', null, null],
    ]);
    expect(history[0]).to.deep.include({ version: 3, restores: 1, unusable: null });
    expect((await run('history', '--limit', '1')).out).to.match(/^version .*\n3 /);
  });

  it('says of a version that somebody has edited that it does not count', async () => {
    await run('put', inFile(catalogs('a:')));
    writeFileSync(join(folder.path, 'staging', '_catalogs', '00000002.json'), '{}');
    expect(JSON.parse((await run('get', '--json')).out).version).to.equal(1);
    expect((await run('history')).out).to.include("unusable: Version 2 of the catalogs can't be used");
    expect((await run('get', '--version', '2')).code).to.equal(2);
    expect((await run('restore', '1')).out).to.match(/^version 3 put/);
  });

  it('refuses what the schema or a plug-in refuses, and puts nothing', async () => {
    const many = await run('put', inFile(catalogsOf(11, 1)));
    expect(many.code).to.equal(2);
    expect(many.err).to.match(/Plug-ins refuse the catalogs: catalog 'dcp1': (.|\n)*… and 1 more/);
    expect((await run('put', inFile(catalogs('no colon')))).err).to.include("Source 'no colon' is malformed");
    expect((await run('put', join(folder.path, 'missing.json'))).err).to.include('ENOENT');
    expect((await run('history')).out).to.equal('no versions');
  });

  it('takes those of the settings along, and says what it takes until they count', async () => {
    const inline = { ...JSON.parse(readFileSync(config, 'utf8')), catalogs: catalogs('a:') };
    writeFileSync(config, JSON.stringify({ ...inline, catalogsFrom: undefined }));
    const got = await run('get', '--json');
    expect(JSON.parse(got.out).version).to.equal(null);
    writeFileSync(join(folder.path, 'got.json'), got.out);
    expect((await run('put', join(folder.path, 'got.json'))).out).to.include('"catalogsFrom": "staging"');
    writeFileSync(config, JSON.stringify(inline));
    expect((await run('get')).err).to.include('it has both `catalogs` and `catalogsFrom`');
  });
});
