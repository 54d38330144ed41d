import { expect } from 'chai';
import fc from 'fast-check';
import type { Bundle } from '../../../core/model/bundle.ts';
import type { MetadataPlugin } from '../../../core/model/metadata.ts';
import { brokenFindings, normalizeFindings, sensitiveFindings } from '../../../plugins/battery/metadata.ts';
import { checkDeclarations } from '../../../plugins/declarations.ts';
import { firstMismatch } from '../../../transform/reference/mismatch.ts';
import { reducedDocuments } from '../../../transform/reference/reduced.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { openTestCatalog, type TestCatalog } from '../../rigs/transform/computed.ts';
import { additions } from '../../rigs/transform/staging.ts';
import { mutation } from '../mutations.ts';
import { fieldsAreFound } from './fields.ts';
import { expectNone } from './findings.ts';
import { meaningOf, stagedAndBack } from './staged.ts';

/**
 * What every metadata plug-in has to do, whatever its data model.
 *
 * @param samples bundles that are right, of every kind
 */
export function metadataBattery(plugin: MetadataPlugin, samples: () => readonly Bundle[]): void {
  describe(`The metadata plug-in ${plugin.name} keeps the contract`, () => {
    let bundles: readonly Bundle[];
    let catalog: TestCatalog;
    before(async () => {
      bundles = samples();
      catalog = await openTestCatalog(plugin);
      await catalog.add(additions(bundles.slice(0, bundles.length / 2)));
      await catalog.add(additions(bundles.slice(bundles.length / 2)));
    });
    after(() => catalog?.close());

    it('declares what can be staged, aggregated, indexed and searched', () => {
      checkDeclarations(plugin);
    });

    it('normalizes sample bundles, the same each time, and does not change them', async () => {
      for (const bundle of bundles) await expectNone(normalizeFindings(plugin, bundle));
    });

    it('has sensitive members where it says', async () => {
      await expectNone(
        sensitiveFindings(
          plugin,
          bundles.map(({ contents }) => contents),
        ),
      );
    });

    it('refuses broken bundles by errors that help, and does nothing else', function () {
      this.timeout(600_000);
      fc.assert(
        fc.property(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 3 }), (pick, mutations) => {
          const bundle = bundles[pick % bundles.length] as Bundle;
          expect([...brokenFindings(plugin, bundle, mutations)]).to.deep.equal([]);
        }),
        { seed: seed(), numRuns: numRuns(4_000) },
      );
    });

    it('stages bundles whole: put together again they give the same rows', async () => {
      let count = 0;
      for await (const { bundle, contents } of stagedAndBack(plugin, bundles, catalog.objects)) {
        count++;
        const [before, after] = [bundle, { ...bundle, contents }].map((one) => meaningOf(plugin.normalize(one)));
        expect(after, bundle.fqid.uuid).to.deep.equal(before);
      }
      expect(count).to.equal(bundles.length);
    });

    it('gets the same documents by SQL and by the reference reducer', async () => {
      const sources = await catalog.sources();
      const entities = [...sources.keys()].map((key) => {
        const [type = ''] = key.split('/', 1);
        return { type, id: key.slice(type.length + 1) };
      });
      const expected = await reducedDocuments(catalog.store, plugin, entities);
      const wrong = [...sources].flatMap(([key, source], i) => {
        const mismatch = firstMismatch(source, expected[i] ?? null);
        return mismatch === null ? [] : [{ key, ...mismatch }];
      });
      expect(wrong).to.deep.equal([]);
      expect(new Set(entities.map(({ type }) => type))).to.have.property(
        'size',
        Object.keys(plugin.entityTypes).length,
      );
    });

    it('has fields that filters take, and facets that count what filters find', async function () {
      this.timeout(600_000);
      await fieldsAreFound(plugin, await catalog.documents());
    });
  });
}
