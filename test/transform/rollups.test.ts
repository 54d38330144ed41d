import { expect } from 'chai';
import fc from 'fast-check';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { Documents } from '../../transform/computing/documents.ts';
import type { Store } from '../../transform/store/store.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { openTestCatalog, wantAll } from '../rigs/transform/computed.ts';
import { batches, notification, united, type World, worlds } from '../rigs/transform/worlds.ts';
import { anyHca } from './any-hca.ts';

/** So little is known that lists of many lengths are beyond it. */
const limits = { documentBytes: 2 ** 25, bulkBytes: 2 ** 23, known: { values: 4, textBytes: 60 } };
/** Few enough that documents come and go, and that not all rollups are kept. */
const rollups = { moreThan: 1, atMost: 30 };
const steps = 20;
/** What happens to a bundle comes in batches so many steps apart. */
const delay = 3;

describe('A rollup to which bundles were added one after the other gives the document that all of them give', () => {
  for (const plugin of [zoo, anyHca]) {
    it(`with deletions, new versions and other copies among them: ${plugin.name}`, async function () {
      this.timeout(3_600_000);
      const some = fc.array(worlds(plugin), { minLength: steps, maxLength: steps, size: 'max' });
      const failures = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: steps, maxLength: steps });
      const property = fc.asyncProperty(some, failures, (all, failing) => check(plugin, all, failing));
      await fc.assert(property, { numRuns: numRuns(20), seed: seed(), endOnFailure: true });
    });
  }
});

/** Loads one world after the other; where `failing` is 0, what was computed first is rolled back. */
async function check(plugin: MetadataPlugin, all: readonly World[], failing: readonly number[]): Promise<void> {
  const world = united(all, { entities: 'shared' });
  const catalog = await openTestCatalog(plugin);
  try {
    const documents = new Documents(catalog.store, plugin, limits, rollups);
    await documents.prepare();
    for (let step = 0; step < steps + delay * batches.length; step++) {
      const arriving = world.filter(({ fqid, batch }) => Number.parseInt(fqid.uuid, 10) + delay * batch === step);
      if (arriving.length > 0) await catalog.add(arriving.map(notification));
      if (failing[step] === 0) await rolledBack(catalog.store, () => rolled(catalog.store, documents));
      const ours = await catalog.store.transaction(() => rolled(catalog.store, documents));
      await documents.compute();
      expect(ours).to.deep.equal(await computed(catalog.store));
    }
  } finally {
    await catalog.close();
  }
}

async function rolled(store: Store, documents: Documents): Promise<unknown> {
  await store.run(wantAll);
  await documents.computeRolled();
  return computed(store);
}

function computed(store: Store): Promise<unknown> {
  return store.rows('SELECT entity_type, entity_id, body, cuts, rest FROM computed ORDER BY ALL');
}

async function rolledBack(store: Store, work: () => Promise<unknown>): Promise<void> {
  const failure = new Error('It fails here.');
  const failed = store.transaction(async () => {
    await work();
    throw failure;
  });
  await failed.catch((error: unknown) => {
    if (error !== failure) throw error;
  });
}
