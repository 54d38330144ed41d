import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { Verification } from '../../core/control/verification.ts';
import { indexName } from '../../core/documents/index-layout.ts';
import { Documents, hotLinks } from '../../transform/computing/documents.ts';
import { createGeneration, dropGeneration, refreshGeneration } from '../../transform/generations/indices.ts';
import { Ledger } from '../../transform/generations/ledger.ts';
import { openSearchCluster, type SearchCluster } from '../../transform/sink/search-cluster.ts';
import { verifyGeneration } from '../../transform/verification/verify.ts';
import { engines } from '../rigs/engines.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add, remove, restore } from '../rigs/transform/cages.ts';
import { openTestCatalog, wantAll } from '../rigs/transform/computed.ts';
import { type Mutation, mutate } from '../rigs/transform/mutation.ts';

const of = { deployment: `t${randomBytes(4).toString('hex')}`, catalog: 'zoo', plugin: zoo };
const generation = 1;

/** Something of everything that the statements below may get wrong. */
const world = [
  add({ uuid: 'x', version: '1', cages: { shared: [{ id: 'a', values: { name: 'old' } }] } }),
  add({
    uuid: 'y',
    version: '2',
    cages: { shared: [{ id: 'a', values: { name: 'new' } }, { id: null }, { id: null }] },
  }),
  add({ uuid: 'u', version: '1', cages: { upgraded: [{ id: 'u', values: { name: 'one' } }] } }),
  add({ uuid: 'u', version: '2', cages: { upgraded: [{ id: 'u', values: { name: 'two' } }] } }),
  add({ uuid: 'k', version: '1', cages: { counted: [{ id: 'k' }] } }),
  add({ uuid: 'l', version: '1', cages: { counted: [{ id: 'l' }] } }),
  remove({ uuid: 'l', version: '1' }),
  add({ uuid: 'r', version: '1', cages: { restored: [{ id: 'r' }] } }),
  remove({ uuid: 'r', version: '1' }),
  restore({ uuid: 'r', version: '1' }),
  add({
    ...{ uuid: 's', version: '1' },
    cages: {
      alone: [
        { id: 's', values: { foods: ['a', 'b', 'c', 'd', 'e'], weight: 1, mood: 'sad', rank: 3 } },
        { id: 's', values: { weight: 2, name: null } },
        { id: 't', values: { remarks: null } },
      ],
    },
  }),
];

/** What a statement computes wrongly, for index and ledger alike, and where that shows. */
const mistakes: Readonly<Record<string, Mutation & { readonly found: readonly [document: string, path: string] }>> = {
  'cuts a set too early': {
    ...{ from: 'place <= most', to: 'place < most' },
    found: ['cages/alone', 'contents.animals.0.foods.2'],
  },
  'forgets what is found beyond a limit': {
    ...{ from: 'is_found AND NOT is_shown', to: 'false' },
    found: ['cages/alone', '_rest'],
  },
  'leaves nulls out': {
    ...{ from: "CASE WHEN f.skip_null THEN NULL ELSE 'null' END", to: 'NULL' },
    found: ['cages/alone', 'contents.animals.0.name.1'],
  },
  'takes an absent value for a null': {
    ...{ from: /\(absent & \d+\) = 0/g, to: 'true' },
    found: ['cages/alone', 'ages'],
  },
  'adds up what counts once': {
    ...{ from: 'ELSE d.least END', to: 'ELSE d.total END' },
    found: ['cages/alone', 'food'],
  },
  'takes the smallest for the largest': {
    ...{ from: 'max(d.greatest)', to: 'min(d.greatest)' },
    found: ['cages/alone', 'most'],
  },
  'prefers what is rare': {
    ...{ from: '-total ELSE', to: 'total ELSE' },
    found: ['cages/alone', 'contents.animals.0.mood.0'],
  },
  'marks no nulls': {
    ...{ from: "m.nulls || ']'", to: "nullif(m.nulls, m.nulls) || ']'" },
    found: ['cages/alone', '_nulls'],
  },
  'marks nulls that nobody can search for': {
    ...{ from: 'c.has_null AND f.searchable', to: 'c.has_null' },
    found: ['cages/alone', '_nulls.1'],
  },
  'lets the oldest copy win': {
    ...{ from: 'bundle_version DESC, bundle_uuid', to: 'bundle_version, bundle_uuid' },
    found: ['cages/shared', 'contents.animals.0.name.1'],
  },
  'takes rows without id for copies': {
    ...{ from: 'coalesce(i.document_id,', to: "coalesce(i.document_id, ''," },
    found: ['cages/shared', 'food'],
  },
  'selects the oldest version': {
    ...{ from: 'ORDER BY deleted, bundle_version DESC', to: 'ORDER BY deleted, bundle_version' },
    found: ['cages/upgraded', 'bundles.0.version'],
  },
  'counts a deletion for nothing': {
    ...{ from: '1 + deleted::INTEGER', to: '1' },
    found: ['cages/counted', 'num_contributions'],
  },
  'overlooks a restore': {
    ...{ from: 'r.number >= d.number', to: 'r.number > d.number' },
    found: ['cages/restored', ''],
  },
};

describe('Verification finds that a statement', function () {
  this.timeout(120_000);
  let cluster: SearchCluster;
  /** of documents: later ones replace earlier ones */
  let version = 0;

  before(async () => {
    cluster = openSearchCluster(await engines.opensearch());
    await createGeneration({ ...of, cluster }, generation);
  });

  after(async () => {
    const indices = Object.keys(zoo.entityTypes).map((entityType) => indexName({ ...of, entityType, generation }));
    await dropGeneration({ ...of, cluster }, { number: generation, serves: false, indices });
    await cluster.close();
  });

  for (const [mistake, { found, ...mutation }] of Object.entries(mistakes)) {
    it(mistake, async () => {
      const { differences, others } = await verified(mutation);
      expect(differences).to.deep.equal([]);
      const [first] = others.filter(({ document }) => document === found[0]);
      expect([first?.document, first?.path]).to.deep.equal(found);
    });
  }

  it('is right', async () => {
    const { differences, others, recomputed } = await verified();
    expect({ differences, others, recomputed }).to.deep.equal({ differences: [], others: [], recomputed: 5 });
  });

  it('is right, but the document of most bundles is another one', async () => {
    const bundles = Array.from({ length: hotLinks + 1 }, (_, i) =>
      add({ uuid: `h${i}`, version: '1', cages: { huge: [{ id: 'h' }] } }),
    );
    const { others, largest } = await verified(undefined, [...world, ...bundles], async () => {
      const index = indexName({ ...of, entityType: 'cages', generation });
      await cluster.request('POST', `/${index}/_update/huge`, { doc: { food: 11 } });
      version++;
    });
    expect(others).to.deep.equal([{ document: 'cages/huge', path: 'food', index: '11', expected: '10' }]);
    expect(largest).to.deep.equal([
      { document: 'cages/huge', bundles: hotLinks + 1, by: 'statements' },
      { document: 'cages/shared', bundles: 2, by: 'reference' },
    ]);
  });

  /** Loads, computes and indexes everything by wrong statements, and compares it. */
  async function verified(
    mutation?: Mutation,
    notifications = world,
    tamper?: () => Promise<void>,
  ): Promise<Verification> {
    const catalog = await openTestCatalog(zoo);
    const { store } = catalog;
    try {
      const mutated = mutation && mutate(store, mutation);
      await catalog.add(notifications);
      const documents = new Documents(store, zoo, { documentBytes: 2 ** 25, bulkBytes: 2 ** 23 });
      await documents.prepare();
      await store.run(wantAll);
      await documents.compute();
      await new Ledger(store).note([generation], 1);
      for (const { bytes } of await documents.bodies({ ...of, generation, version: ++version }))
        await cluster.request('POST', '/_bulk', Buffer.from(bytes));
      await tamper?.();
      await refreshGeneration({ ...of, cluster }, generation);
      expect(mutated?.statements).to.not.equal(0);
      return await verifyGeneration({ ...catalog.context, ...of, cluster }, documents, [], generation, null);
    } finally {
      await catalog.close();
    }
  }
});
