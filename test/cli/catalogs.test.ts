import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { catalogOf, rememberCatalogs, rememberedCatalogs, withChanges } from '../../cli/up/catalogs.ts';
import { temporaryFolder } from '../rigs/cli/lazuli.ts';

const source = (name: string) => ({ id: name, spec: `https://${name}.example/v1:/0` });
const folder = (...sources: readonly string[]) => ({
  folder: '/bundles',
  catalog: 'hca',
  metadata: 'hca',
  sources: sources.map(source),
  actions: [],
});
const specs = (...names: readonly string[]) => names.map((name) => source(name).spec);

describe('The catalog of a folder of bundles', () => {
  const before = catalogOf(folder('a', 'b'));

  it('is as the folder says where nothing is configured', () => {
    expect(withChanges(before, undefined, undefined)).to.deep.equal({
      atlas: 'hca',
      internal: false,
      plugins: { metadata: { name: 'hca' }, repository: { name: 'canned', folder: '/bundles' } },
      sources: specs('a', 'b'),
    });
  });

  it('keeps what a person has edited since', () => {
    const plugins = { metadata: { name: 'herbarium' }, repository: { name: 'canned', folder: '/elsewhere' } };
    const edited = { atlas: 'mine', internal: true, plugins, sources: specs('b') };
    expect(withChanges(before, before, edited)).to.deep.equal(edited);
  });

  it('keeps them without a memory of the last start, but reads what it is told to read', () => {
    const plugins = { metadata: { name: 'herbarium' }, repository: { name: 'canned', folder: '/elsewhere' } };
    const edited = { atlas: 'mine', internal: true, plugins, sources: specs('mine', 'b') };
    expect(withChanges(before, undefined, edited)).to.deep.equal({
      ...edited,
      plugins: { ...plugins, repository: { name: 'canned', folder: '/bundles' } },
      sources: specs('mine', 'b', 'a'),
    });
  });

  it('takes what the folder has changed since, and nothing else', () => {
    const edited = { ...before, atlas: 'mine', sources: specs('b', 'mine') };
    const now = catalogOf({ ...folder('b', 'c'), metadata: 'herbarium', folder: '/moved' });
    expect(withChanges(now, before, edited)).to.deep.equal({
      ...now,
      atlas: 'herbarium',
      sources: specs('b', 'mine', 'c'),
    });
  });

  it('is remembered from start to start; what can not be read is as if nothing had changed', () => {
    using at = temporaryFolder();
    const file = join(at.path, 'catalogs.json');
    expect(rememberedCatalogs(file)).to.deep.equal({});
    rememberCatalogs(file, { hca: before });
    rememberCatalogs(file, { other: before });
    expect(rememberedCatalogs(file)).to.deep.equal({ hca: before, other: before });
    writeFileSync(file, '{"hca": ');
    expect(rememberedCatalogs(file)).to.deep.equal({});
  });
});
