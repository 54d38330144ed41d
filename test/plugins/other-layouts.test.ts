import { expect } from 'chai';
import * as fc from 'fast-check';
import { documentDecoder } from '../../core/documents/document-decoder.ts';
import { type DocumentLayout, documentLayout } from '../../core/documents/document-layout.ts';
import type { GeneratedBundle } from '../../core/model/generator.ts';
import { parseVerbatim } from '../../core/model/json.ts';
import type { Json, MetadataPlugin, PresentContext } from '../../core/model/metadata.ts';
import { anvil } from '../../plugins/metadata/anvil/plugin.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { generateAnvil, generateBundles } from '../rigs/models/generated.ts';
import { numRuns, seed } from '../rigs/property.ts';
import { openTestCatalog } from '../rigs/transform/computed.ts';

type Source = Readonly<Record<string, Json>>;
type Inner = Readonly<Record<string, Json>>;

/** The same documents as another version would hold them, which has some fields otherwise or not at all. */
function sourceIn({ fields }: DocumentLayout, source: Source): Source {
  const contents = Object.entries(source.contents as Readonly<Record<string, readonly Inner[]>>).map(
    ([role, inners]) => {
      const changed = inners.map((inner) => {
        const members = Object.entries(inner).flatMap(([name, value]): [string, Json][] => {
          const field = fields[`contents.${role}.${name}`];
          if (field === undefined) return [];
          return [[name, field === other ? { of: ['another', 'type'] } : value]];
        });
        return Object.fromEntries(members);
      });
      return [role, changed] as const;
    },
  );
  const own = Object.entries(source).filter(([name]) => name !== 'cell_count' || name in fields);
  return { ...Object.fromEntries(own), contents: Object.fromEntries(contents), not_declared: 1 };
}

const other = 'another_type';

/** Roles that are missing, and fields that are missing or of another type. */
function anyLayout(own: DocumentLayout): fc.Arbitrary<DocumentLayout> {
  const paths = Object.keys(own.fields);
  const roles = [...new Set(paths.map((path) => path.split('.')[1] ?? ''))];
  const some = (names: readonly string[]) => fc.subarray([...names]);
  return fc.tuple(some(roles), some(paths), some(paths)).map(([gone, missing, changed]) => {
    const kept = paths.filter((path) => !missing.includes(path) && !gone.includes(path.split('.')[1] ?? ''));
    const fields = kept.map((path) => [path, changed.includes(path) ? other : (own.fields[path] ?? '')] as const);
    return { ...own, fields: { ...Object.fromEntries(fields), not_declared: 'int' } };
  });
}

const options = { seed: 'layouts', bundles: 12 };
const models: readonly (readonly [MetadataPlugin, Iterable<GeneratedBundle>])[] = [
  [hca, generateBundles(options)],
  [anvil, generateAnvil(options)],
];

describe('Hits of documents that another version of a plug-in made', () => {
  for (const [plugin, bundles] of models)
    it(`are what is documented for ${plugin.name}, whatever fields the documents lack or have otherwise`, async function () {
      this.timeout(300_000);
      await using catalog = Object.assign(await openTestCatalog(plugin), {
        async [Symbol.asyncDispose]() {
          await catalog.close();
        },
      });
      const attributes = { drs_domain: 'data.example' };
      await catalog.add(
        [...bundles].map(({ fqid, text }) => ({ action: 'add', fqid, contents: parseVerbatim(text), attributes })),
      );
      const byType = Map.groupBy(await catalog.sources(), ([key]) => key.slice(0, key.indexOf('/')));
      const property = fc.property(
        fc
          .constantFrom(...byType)
          .chain(([type, sources]) =>
            fc.tuple(fc.constant(type), anyLayout(documentLayout(plugin, type)), fc.nat({ max: sources.length - 1 })),
          ),
        ([entityType, layout, number]) => {
          const [, source = {}] = byType.get(entityType)?.[number] ?? [];
          const document = documentDecoder(plugin, entityType, layout)(sourceIn(layout, source));
          const accessibleSources = new Set(document.sources.map(({ id }) => id));
          const context: PresentContext = { entityType, catalog: plugin.name, baseUrl: 'http://x', accessibleSources };
          const hit = plugin.present(document, context);
          const { error } = plugin.hit?.(entityType).safeParse(hit) ?? {};
          expect(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)).to.equal(undefined);
          expect(JSON.stringify(document)).to.not.match(/not_declared|another/);
        },
      );
      fc.assert(property, { numRuns: numRuns(3000), seed: seed() });
    });
});
