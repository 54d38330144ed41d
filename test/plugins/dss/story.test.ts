import { join } from 'node:path';
import { expect } from 'chai';
import { main } from '../../../cli/program.ts';
import { parseSettings, type Settings } from '../../../core/config/settings.ts';
import { settle } from '../../../core/model/generator.ts';
import { generator } from '../../../plugins/metadata/hca/generator/generate.ts';
import { parseStoreSpec } from '../../../plugins/repository/dss/spec.ts';
import { withColons } from '../../../plugins/repository/dss/versions.ts';
import { Pipeline } from '../../faults/pipeline.ts';
import { catalog } from '../../faults/pipeline-settings.ts';
import type { World } from '../../faults/world.ts';
import { printed } from '../../rigs/cli/printed.ts';
import { newAccount, writeKeyFile } from '../../rigs/dss/accounts.ts';
import { call, deposit } from '../../rigs/dss/deposit.ts';
import { startDss } from '../../rigs/dss/dss.ts';
import { type BundleContents, filesOf } from '../../rigs/dss/hca-files.ts';
import { leanHca } from '../../rigs/models/lean/plugin.ts';
import { useCloud } from '../../rigs/storage/cloud.ts';

const version = '2018-10-18T150431.370880Z';
const uuid = 'aa000000-0000-4000-8000-000000000000';

describe('A bundle of a data store, from end to end', () => {
  const cloud = useCloud();
  const { GOOGLE_APPLICATION_CREDENTIALS: before } = process.env;
  afterEach(() => {
    delete process.env.GOOGLE_APPLICATION_CREDENTIALS;
    if (before !== undefined) process.env.GOOGLE_APPLICATION_CREDENTIALS = before;
  });

  it('is found, is copied to another store, is gone once it is buried, and is found there', async () => {
    await using from = await startDss(cloud(), { name: 'here' });
    await using to = await startDss(cloud(), { name: 'there' });
    const ann = from.accounts.add(to.accounts.add(newAccount('ann')), true);
    const [made] = generator.bundles(settle({ seed: 'story', bundles: 1, size: 'small', versions: 0, deletions: 0 }));
    const contents: BundleContents = JSON.parse(made?.text ?? '');
    await deposit(from, ann, { uuid, version }, filesOf(contents, 'ab000000-0000-4000-8000-000000000000', version));

    const specs = [from, to].map(({ url }) => `${url}:/0`);
    await using pipeline = await Pipeline.open({ world });
    const settings = withStores(pipeline.settings, specs);
    await pipeline.startIngest(settings);
    await pipeline.startTransform(settings);
    /** What the indexer's endpoint makes of a callback. */
    const notify = async (action: 'add' | 'delete', spec = '') => {
      const { ref } = parseStoreSpec(spec);
      await pipeline.notify([{ action, fqid: { source: ref, uuid, version: withColons(version) ?? '' } }]);
      await pipeline.settled();
      await pipeline.expectNoLetters();
    };
    const [here, there] = specs;

    await notify('add', here);
    const found = await filesIn(pipeline);
    expect(found.map(({ name }) => name)).to.deep.equal(namesOf(contents));
    expect(found.map(({ drs_uri: uri }) => String(uri).slice(0, 19))).to.deep.equal(
      found.map(() => 'drs://data.example/'),
    );

    process.env.GOOGLE_APPLICATION_CREDENTIALS = writeKeyFile(join(pipeline.folder, 'key.json'), ann);
    const { lines, output } = printed();
    const args = [
      '--from',
      from.url,
      '--to',
      to.url,
      '--bundle',
      uuid,
      '--config',
      join(pipeline.folder, 'lazuli.json'),
    ];
    const code = await main(['bundle', 'copy', ...args], output);
    expect([code, lines]).to.deep.equal([0, { out: ['1 bundles: 1 copied'], err: [] }]);

    await call(from, ann, 'DELETE', `/bundles/${uuid}?replica=aws`, { reason: 'It is elsewhere.' });
    await notify('delete', here);
    expect(await pipeline.documents()).to.have.property('size', 0);

    await notify('add', there);
    expect(await filesIn(pipeline)).to.deep.equal(found);
  });
});

const world: World = { plugin: leanHca, folder: '/none', notifications: [], expected: async () => new Map() };

function withStores(settings: Settings, sources: readonly string[]): Settings {
  const plugins = { metadata: { name: leanHca.name }, repository: { name: 'dss', drsDomain: 'data.example' } };
  return parseSettings(
    { ...settings, catalogs: { [catalog]: { atlas: 'hca', plugins, sources } } },
    'the settings of a test',
  );
}

/** Files as documents show them, by name. */
async function filesIn(pipeline: Pipeline): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const documents = [...(await pipeline.documents())].filter(([name]) => name.startsWith('files/'));
  const files = documents.flatMap(([, { contents }]) => (contents as { files: Record<string, unknown>[] }).files);
  return files.toSorted((a, b) => (String(a.name) < String(b.name) ? -1 : 1));
}

const namesOf = ({ manifest }: BundleContents): readonly string[] =>
  Object.values(manifest)
    .map(({ name }) => String(name).replaceAll('!', '/'))
    .sort();
