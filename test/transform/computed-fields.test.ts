import { expect } from 'chai';
import { indexBody } from '../../core/documents/index-layout.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { apiFields } from '../../query/fields/api-fields.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { add } from '../rigs/transform/cages.ts';
import { openTestCatalog } from '../rigs/transform/computed.ts';

const version = '2020-01-01';
const noValue = { weight: undefined, born: undefined, age: undefined, mass: undefined };
const known = { weight: 2.5, born: '2001-01-01T00:00:00.000000Z', age: '38 year', mass: 0.25 };
const names = [
  ...['food', 'heads', 'staff', 'names', 'foods', 'ages', 'lowest', 'lightest'],
  ...['fastest', 'eldest', 'youngest', 'mass'],
];

describe('Computed fields', () => {
  it('count, sum up and compare inner entities, each once however many bundles have it', async () => {
    const catalog = await openTestCatalog(zoo);
    try {
      const ada = { id: 'ada', values: { ...known, rank: 3, speed: 1.5, foods: ['hay', 'oats'] } };
      const bob = { id: 'bob', values: { ...noValue, rank: null, speed: 7.25, name: null, foods: [] } };
      const nobody = { id: null, values: { ...noValue, rank: 5, speed: null, food_grams: null } };
      await catalog.add([add({ uuid: 'a', version, cages: { full: [ada, bob, nobody], empty: [] } })]);
      await catalog.add([add({ uuid: 'b', version, cages: { full: [ada] } })]);
      const documents = await catalog.documents();
      const of = (id: string) => names.map((name) => documents.get(`cages/${id}`)?.[name]);
      expect(of('full')).to.deep.equal([
        ...[20, 3, 0, 2, 3, 1, 3, 2.5],
        ...[7.25, '2001-01-01T00:00:00.000000Z', '2001-01-01T00:00:00.000000Z', 0.25],
      ]);
      expect(of('empty')).to.deep.equal([0, 0, 0, 0, 0, 0, 0, null, null, null, null, 0]);
    } finally {
      await catalog.close();
    }
  });

  it('have the type of what they are made of, in the index and in the API', () => {
    const cages = zoo.entityTypes.cages ?? { roles: {}, computed: {} };
    const computed = Object.fromEntries(
      Object.entries(cages.computed).map(([name, field]) => [name, { ...field, api: `own-${name}` }]),
    );
    const plugin: MetadataPlugin = { ...zoo, entityTypes: { ...zoo.entityTypes, cages: { ...cages, computed } } };
    const properties: Readonly<Record<string, unknown>> = indexBody(plugin, 'cages', {}).mappings.properties;
    const fields = apiFields(plugin).get('cages')?.byName;
    const shown = (name: string) => [properties[name], fields?.get(`own-${name}`)?.type];
    expect(shown('heads')).to.deep.equal([{ type: 'long' }, 'int']);
    expect(shown('lightest')).to.deep.equal([{ type: 'double' }, 'float']);
    expect(shown('eldest')).to.deep.equal([{ type: 'keyword', ignore_above: 256 }, 'datetime']);
    expect(shown('ages')).to.deep.equal([{ type: 'long' }, 'int']);
  });
});
