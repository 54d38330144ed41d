import { expect } from 'chai';
import type { Bundle } from '../../core/model/bundle.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { needsShared, sampleBundles } from '../rigs/hca/shared.ts';
import { openTestCatalog, type TestCatalog } from '../rigs/transform/computed.ts';
import type { TestNotification } from '../rigs/transform/staging.ts';

const uuid = 'aaa96233-bf27-44c7-82df-b4dc15ad4d9d';
const project = 'projects/e8642221-4c2c-4fd7-b926-a68bce363c88';

/** Specification, indexing 14: the event table, step by step. */
describe('Two versions of a real bundle', () => {
  let catalog: TestCatalog;
  let bundles: readonly Bundle[];

  before(async function () {
    needsShared(this);
    bundles = [...sampleBundles()].filter(({ fqid }) => fqid.uuid === uuid);
    catalog = await openTestCatalog(hca);
  });
  after(() => catalog?.close());

  function event(action: 'add' | 'delete', day: string): TestNotification {
    const bundle = bundles.find(({ fqid }) => fqid.version.startsWith(`2018-11-${day}`));
    if (bundle === undefined) throw new Error(`There is no version of ${day}`);
    const { fqid, contents, repository: attributes } = bundle;
    return action === 'delete' ? { action, fqid } : { action, fqid, contents, attributes };
  }

  /** stored contributions of files, documents of files, and version and contributions of the project's document */
  async function state() {
    const documents = await catalog.documents();
    const files = [...documents].filter(([name]) => name.startsWith('files/'));
    const stored = await catalog.store.number(
      `SELECT sum(contributions) FROM entities JOIN bundles USING (bundle_key) WHERE entity_type = ${Object.keys(hca.entityTypes).indexOf('files')}`,
    );
    const found = documents.get(project);
    return [stored, files.length, found?.bundles.map(({ version }) => version.slice(8, 10)), found?.num_contributions];
  }

  const steps = [
    ['add', '02', [2, 2, ['02'], 1]],
    ['add', '04', [4, 2, ['04'], 2]],
    ['delete', '04', [6, 2, ['02'], 3]],
    ['add', '04', [6, 2, ['02'], 3]],
    ['delete', '02', [8, 0, undefined, undefined]],
  ] as const;

  steps.forEach(([action, day, expected], i) => {
    it(`step ${i + 1}: ${action} ${day}`, async () => {
      await catalog.add([event(action, day)]);
      expect(await state()).to.deep.equal(expected);
    });
  });

  it('leave no document at all in the end', async () => {
    expect((await catalog.documents()).size).to.equal(0);
  });
});
