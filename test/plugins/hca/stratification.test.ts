import { expect } from 'chai';
import * as fc from 'fast-check';
import type { Json } from '../../../core/model/metadata.ts';
import { dimensions } from '../../../plugins/metadata/hca/declared/strata.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { stratification } from '../../../plugins/metadata/hca/present/matrices.ts';
import { numRuns, seed } from '../../rigs/property.ts';

const context = {
  entityType: 'projects',
  catalog: 'hca',
  baseUrl: 'http://service.example',
  accessibleSources: new Set<string>(),
};

/** Names of files by their strata. */
type Strata = Readonly<Record<string, string>>;

const filesOf = (strata: Strata) =>
  Object.entries(strata).map(([name, text]) => ({ name, uuid: name, version: 'v', drs_uri: null, strata: text }));

/** The tree of some files, whose leaves are names. */
const treeOf = (strata: Strata): Json => named(stratification(filesOf(strata), context));

function named(tree: Json): Json {
  if (Array.isArray(tree)) return tree.map((file) => (file as { name: string }).name);
  return Object.fromEntries(Object.entries(tree as Record<string, Json>).map(([name, below]) => [name, named(below)]));
}

/** The dimensions on the way to the first leaf. */
function orderOf(tree: Json): string[] {
  if (Array.isArray(tree)) return [];
  const [[dimension, byValue] = ['', []]] = Object.entries(tree as Record<string, Json>);
  const [first = []] = Object.values(byValue as Record<string, Json>);
  return dimension === '' ? [] : [dimension, ...orderOf(first)];
}

describe('The tree of matrices', () => {
  it('is empty without files', () => {
    expect(treeOf({})).to.deep.equal({});
  });

  it('begins with the dimensions that have the fewest values, in the order of dimensions where there are as many', () => {
    expect(treeOf({ a: 'genusSpecies=Homo,Mus;organ=eye;libraryConstructionApproach=10X' })).to.deep.equal({
      organ: {
        eye: { libraryConstructionApproach: { '10X': { genusSpecies: { Homo: ['a'], Mus: ['a'] } } } },
      },
    });
  });

  it('has no dimension that no file has', () => {
    expect(treeOf({ a: 'organ=eye', b: 'organ=skin' })).to.deep.equal({ organ: { eye: ['a'], skin: ['b'] } });
  });

  it('does not count what fills in as a value: a dimension of one value stays before one of two', () => {
    expect(treeOf({ a: 'genusSpecies=Homo;organ=eye', b: 'genusSpecies=Homo' })).to.deep.equal({
      genusSpecies: { Homo: { organ: { Unspecified: ['b'], eye: ['a'] } } },
    });
    expect(treeOf({ a: 'genusSpecies=Homo;organ=eye', b: 'organ=eye' })).to.deep.equal({
      genusSpecies: { Homo: { organ: { eye: ['a'] } }, Unspecified: { organ: { eye: ['b'] } } },
    });
    expect(treeOf({ a: 'organ=eye', b: 'developmentStage=adult,fetal;organ=eye', c: '' })).to.deep.equal({
      organ: {
        Unspecified: { developmentStage: { Unspecified: ['c'] } },
        eye: { developmentStage: { Unspecified: ['a'], adult: ['b'], fetal: ['b'] } },
      },
    });
  });

  for (const member of ['matrices', 'contributed_analyses']) {
    it(`is so for ${member} of a project`, () => {
      const project = { document_id: 'p' };
      const file = filesOf({ a: 'genusSpecies=Homo;organ=eye', b: 'organ=eye' });
      const document = {
        entity_id: 'p',
        contents: { projects: [project], [member]: [{ file }] },
        sources: [],
        bundles: [],
        num_contributions: 1,
      };
      const hit = hca.present(document, context) as { projects: [Record<string, Json>] };
      const shown = member === 'matrices' ? 'matrices' : 'contributedAnalyses';
      expect(orderOf(hit.projects[0][shown] as Json)).to.deep.equal(['genusSpecies', 'organ']);
    });
  }

  it('has the order of the numbers of values that occur, whatever files lack', () => {
    const values = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 });
    const point = fc.record(Object.fromEntries(dimensions.map((one) => [one, values])), { requiredKeys: [] });
    const property = fc.property(fc.array(point, { minLength: 1, maxLength: 6 }), (points) => {
      const texts = points.map((one) => Object.entries(one).map(([name, list]) => `${name}=${list?.join(',')}`));
      const counts = dimensions.map((name) => [name, new Set(points.flatMap((one) => one[name] ?? [])).size] as const);
      const present = counts.filter(([_name, count]) => count > 0).sort(([, m], [, n]) => m - n);
      const strata = Object.fromEntries(texts.map((text, i) => [`file ${i}`, text.join(';')]));
      expect(orderOf(treeOf(strata))).to.deep.equal(present.map(([name]) => name));
    });
    fc.assert(property, { numRuns: numRuns(2000), seed: seed() });
  });
});
