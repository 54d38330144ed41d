import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type BundleChoice, chooseBundles } from '../../cli/up/bundles.ts';
import { folders } from '../../cli/up/folders.ts';

describe('What a stack without a wish indexes', () => {
  let data: string;
  before(() => {
    data = mkdtempSync(join(tmpdir(), 'lazuli-chosen-'));
  });
  after(() => rmSync(data, { recursive: true }));

  const chosen = async (choice: Partial<BundleChoice>) => {
    const found = await chooseBundles(folders(data), { plugins: [], generate: 3, ...choice }, null, () => undefined);
    return found.map(({ catalog, metadata, actions }) => ({ catalog, metadata, bundles: actions.length >= 3 }));
  };
  const hca = { catalog: 'hca', metadata: 'hca', bundles: true };
  const anvil = { catalog: 'anvil', metadata: 'anvil', bundles: true };

  it('is a catalog of each data model, that of the Human Cell Atlas first', async () => {
    expect(await chosen({})).to.deep.equal([hca, anvil]);
  });

  it('is one data model where it is named', async () => {
    expect(await chosen({ model: ['anvil'] })).to.deep.equal([anvil]);
    expect(await chosen({ model: ['hca', 'hca'] })).to.deep.equal([hca]);
  });
});
