import { expect } from 'chai';
import type { BundleFqid } from '../../../../core/model/bundle.ts';
import { patient } from '../../../signals.ts';
import { idOf, type Scene, setScene, specOf, toldBy } from './scene.ts';

const version = '2022-06-01T00:00:00.000000Z';
const dataset = 'f0000000-0000-4000-8000-000000000000';

describe('Descriptions of datasets by DUOS', () => {
  let scene: Scene;
  before(async () => {
    scene = await setScene();
  });
  after(() => scene.close());
  afterEach(() => scene.standIn.faults.clear());

  const bundleOf = (n: number, name: string): BundleFqid => ({
    ...{ source: { id: idOf(n), spec: specOf(name) }, uuid: dataset.replace('-4000-', '-a000-'), version },
  });
  const fetched = (n: number, name: string, maxBytes = 1000) =>
    toldBy(
      scene
        .open([name])
        .fetchBundle(bundleOf(n, name), maxBytes, patient)
        .then(({ bytes }) => JSON.parse(Buffer.from(bytes).toString())),
    );
  const stub = (description: string | null) => ({
    ...{ entities: { [`anvil_dataset/${dataset}`]: { description, version } }, links: [] },
  });

  it('are bundles of their own, with nothing else, and with none where nobody described it', async () => {
    expect(await fetched(1, 'ANVIL_one')).to.deep.equal(stub('What the study is about'));
    expect(await fetched(2, 'ANVIL_one_more')).to.deep.equal(stub(null));
    scene.standIn.faults.set(/^\/duos/, { status: 404 });
    expect(await fetched(1, 'ANVIL_one')).to.deep.equal(stub(null));
    expect(await fetched(1, 'ANVIL_one', 10)).to.match(/^bundle_too_large/);
    const asked = scene.standIn.log.filter(({ path }) => path.startsWith('/duos'));
    expect(asked.map(({ path, account }) => [path.split('/').at(-1), account?.split('@')[0]])).to.deep.equal([
      ...[
        ['DUOS-000123', 'indexer'],
        ['DUOS-000123', 'indexer'],
        ['DUOS-000123', 'indexer'],
      ],
    ]);
  });

  it('pause ingest where DUOS does not answer, and are refused where they are not of that snapshot', async () => {
    scene.standIn.faults.set(/^\/duos/, { status: 503 });
    expect(await fetched(1, 'ANVIL_one')).to.match(/^repository_unavailable: DUOS answers 503/);
    scene.standIn.faults.clear();
    const renamed = { status: 200, body: { id: idOf(1), name: 'ANVIL_other', tables: [{ name: 'anvil_dataset' }] } };
    scene.standIn.faults.set(new RegExp(`snapshots/${idOf(1)}$`), renamed);
    expect(await fetched(1, 'ANVIL_one')).to.match(/^repository_unavailable: .* is called ANVIL_other/);
  });
});
