import { expect } from 'chai';
import type { Bundle } from '../../core/model/bundle.ts';
import type { Document } from '../../core/model/metadata.ts';
import { hidden } from '../../plugins/metadata/anvil/declared/tables.ts';
import { anvil } from '../../plugins/metadata/anvil/plugin.ts';
import { asBundle, dataset, rowId, stubBundle, tinyBundle } from '../plugins/anvil/tiny-bundle.ts';
import { collectionDifferences, documentDifferences, type Members, report } from '../rigs/difference.ts';
import { canonical } from '../rigs/hca/canonical.ts';
import { replicas } from '../rigs/hca/contribution.ts';
import { expected, needsShared, type RecordedReplica, sampleBundles } from '../rigs/hca/shared.ts';
import { openTestCatalog } from '../rigs/transform/computed.ts';
import { additions } from '../rigs/transform/staging.ts';
import { recordedDocuments } from './anvil-expected.ts';

async function documentsOf(bundles: readonly Bundle[]): Promise<ReadonlyMap<string, Document>> {
  const catalog = await openTestCatalog(anvil);
  try {
    await catalog.add(additions(bundles));
    return await catalog.documents();
  } finally {
    await catalog.close();
  }
}

/** Without what only lists are sorted by. */
function shown({ contents, ...document }: Document): Members {
  const roles = Object.entries(contents).map(([role, entities]) => [
    role,
    entities.map((entity) => Object.fromEntries(Object.entries(entity).filter(([field]) => !hidden.has(field)))),
  ]);
  return { ...document, contents: Object.fromEntries(roles) };
}

describe('Documents of AnVIL', function () {
  this.timeout(120_000);

  it('are the 8 recorded ones of the sample bundle, value by value', async function () {
    needsShared(this, 'anvil');
    const documents = await documentsOf([...sampleBundles('anvil')]);
    const problems = collectionDifferences(documents, recordedDocuments(), (ours, theirs) =>
      documentDifferences(shown(ours), theirs as unknown as Members),
    );
    expect(report(problems)).to.equal('');
    expect(documents.size).to.equal(8);
  });

  it('have the 9 recorded replicas', function () {
    needsShared(this, 'anvil');
    const [bundle] = sampleBundles('anvil');
    const ours = replicas(anvil.normalize(bundle as Bundle)).map(({ id, type, contents, hubs }) =>
      canonical({ id, type, contents: JSON.parse(contents), hubs: hubs.sort() }),
    );
    const theirs = [...expected<RecordedReplica>('replicas.ndjson.gz', 'anvil')].map(({ document }) => {
      const { entity_id: id, replica_type: type, contents, hub_ids } = document;
      return canonical({ id, type, contents, hubs: [...hub_ids].sort() });
    });
    expect(ours.sort()).to.deep.equal(theirs.sort());
    expect(ours).to.have.length(9);
  });

  it('of a dataset that is registered with DUOS have its description beside all else', async () => {
    const bundles = [asBundle(tinyBundle()), asBundle(stubBundle('What it is about'), dataset)];
    const documents = await documentsOf(bundles);
    const own = documents.get(`datasets/${rowId(1)}`);
    expect(own?.num_contributions).to.equal(2);
    expect(own?.bundles).to.have.length(2);
    expect(own?.contents.datasets).to.have.length(1);
    expect(own?.contents.datasets?.[0]).to.deep.include({
      registered_identifier: ['phs000001'],
      description: 'What it is about',
    });
    expect(documents.get(`donors/${rowId(2)}`)?.contents.datasets?.[0]).to.not.have.property('description');
  });
});
