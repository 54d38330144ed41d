import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';
import { composeSettings, earlierSettings, writeSettings } from '../../cli/up/configuration.ts';
import { folders } from '../../cli/up/folders.ts';
import { openCatalogVersions } from '../../core/deployment/catalogs.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';

describe('A local stack whose catalogs are in versions', () => {
  it('keeps them there, and puts another one where folders of bundles have changed only', async () => {
    using folder = temporaryFolder();
    const at = folders(folder.path);
    const { catalogs, ...others } = settingsIn(folder.path);
    writeFileSync(at.config, JSON.stringify({ ...others, catalogsFrom: 'staging' }));
    const versions = await openCatalogVersions(settingsIn(folder.path));
    const note = { put: new Date().toISOString(), by: 'ann', message: null, restores: null };
    await versions.put(catalogs, await versions.newest(), note, 'test');
    expect((await earlierSettings(at))?.catalogs).to.deep.equal(catalogs);
    const options = { plugins: [], port: 9000, opensearchUrl: undefined, kinesisUrl: undefined };
    const endpoints = { opensearch: 'http://127.0.0.1:9', kinesis: 'http://127.0.0.1:9' };
    const composed = await composeSettings(at, options, [], endpoints);
    expect(composed.catalogs).to.deep.equal(catalogs);
    await writeSettings(at, composed, []);
    const written = JSON.parse(readFileSync(at.config, 'utf8'));
    expect([written.catalogs, written.catalogsFrom]).to.deep.equal([undefined, 'staging']);
    expect((await versions.newest()).last).to.equal(1);
    await writeSettings(at, { ...composed, catalogs: { ...catalogs, more: catalogs.hca as never } }, []);
    expect((await versions.newest()).last).to.equal(2);
  });
});
