import { expect } from 'chai';
import { knownLimits } from '../../core/documents/cuts.ts';
import { indexName } from '../../core/documents/index-layout.ts';
import type { Document, Json, MetadataPlugin } from '../../core/model/metadata.ts';
import { engines } from '../rigs/engines.ts';
import { type Conformance, conformanceTo } from '../rigs/http/conformance.ts';
import { idOf } from '../rigs/models/herbarium.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { type Service, startService } from '../rigs/service/harness.ts';
import { add, type Caged } from '../rigs/transform/cages.ts';
import { openTestCatalog } from '../rigs/transform/computed.ts';
import { Generations } from './generations.ts';

/** The zoo, with a list of cages. */
const plugin: MetadataPlugin = {
  ...zoo,
  roles: {
    ...zoo.roles,
    animals: {
      ...(zoo.roles.animals ?? { tables: {}, whenEmpty: 'list' }),
      fields: { ...zoo.roles.animals?.fields, sightings: { api: 'sightings', facet: true } },
    },
  },
  entityTypes: {
    ...zoo.entityTypes,
    cages: {
      ...(zoo.entityTypes.cages ?? { roles: {}, computed: {} }),
      served: { sort: 'entryId', order: 'asc', maxPage: 10, access: 'public', showsBundles: true },
    },
  },
  present: ({ entity_id, contents }) => ({ id: entity_id, animals: contents.animals ?? [] }),
};

const kinds = (number: number): string[] => Array.from({ length: number }, (_, i) => `k${String(i).padStart(5, '0')}`);
const seen = (id: string, names: readonly string[], more: Record<string, Json> = {}): Caged => {
  return { id, values: { ...more, sightings: Object.fromEntries(names.map((name) => [name, 1])) } };
};
const long = 'x'.repeat(40_000);
const few = [...kinds(100), long];
const ids = { few: idOf(1), many: idOf(2), ranges: idOf(3), shared: idOf(4) };
const many = kinds(knownLimits.values + 1);

describe('What a limit cut of a list', () => {
  let service: Service;
  let conforms: Conformance;
  before(async function () {
    this.timeout(180_000);
    service = await startService({ plugin });
    const of = { deployment: service.deployment, catalog: 'plants' };
    const generations = new Generations(of.deployment, of.catalog);
    const generation = await generations.add(plugin, {});
    const catalog = await openTestCatalog(plugin);
    const ranges = [1, 2, 3].map((low) => seen(`r${low}`, [], { ranges: [low, low] }));
    await catalog.add([
      add({ uuid: 'few', version: '1', cages: { [ids.few]: [seen('a', few)], [ids.ranges]: ranges } }),
      add({ uuid: 'many', version: '1', cages: { [ids.many]: [seen('b', many)] } }),
      ...kinds(101).map((uuid) => add({ uuid, version: '1', cages: { [ids.shared]: [{ id: 'c' }] } })),
    ]);
    for (const [name, source] of await catalog.sources()) {
      const [entityType = '', id = ''] = name.split('/');
      const index = indexName({ ...of, entityType, generation });
      await put(`/${index}/_doc/${id}?refresh=true`, source);
    }
    await catalog.close();
    await generations.serve(generation);
    conforms = conformanceTo((await service.get('/openapi')).body);
  });
  after(() => service?.[Symbol.asyncDispose]());

  const list = async (filters: unknown) => {
    const path = '/index/cages';
    const answer = await service.send('POST', path, JSON.stringify({ filters: JSON.stringify(filters) }));
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    expect(conforms({ method: 'POST', path, ...answer })).to.equal(undefined);
    return answer.body;
  };
  const found = async (filters: unknown): Promise<string[]> =>
    (await list(filters)).hits.map(({ id }: Document & { id: string }) => id);
  const truncated = async (id: string) => (await service.get(`/index/cages/${id}`)).body.truncated ?? [];

  it('finds the document all the same, also a text of any length', async () => {
    for (const name of [few[0], few[50], few[99], few[100]]) {
      expect(await found({ sightings: { is: [name] } }), name?.slice(0, 10)).to.include(ids.few);
    }
    expect(await found({ sightings: { is: [long] } })).to.deep.equal([ids.few]);
    expect(await found({ sightings: { is: [many[knownLimits.values - 1]] } })).to.deep.equal([ids.many]);
  });

  it('is counted by facets', async () => {
    const { terms } = (await list({ entryId: { is: [ids.few] } })).termFacets.sightings;
    const listed = terms.map(({ term }: { term: unknown }) => term).filter((term: unknown) => term !== null);
    expect(listed).to.have.members(kinds(100));
  });

  it('is told by the hit, in lists and alone, and so is what nothing finds', async () => {
    const cut = { field: 'sightings', shown: 2 };
    expect(await truncated(ids.few)).to.deep.include({ ...cut, total: 101, searchable: true });
    const beyond = { ...cut, total: knownLimits.values + 1, searchable: false };
    expect((await list({ entryId: { is: [ids.many] } })).hits[0].truncated).to.deep.include(beyond);
    expect(await found({ sightings: { is: [many[knownLimits.values]] } })).to.deep.equal([]);
  });

  it('of ranges is found by each of them', async () => {
    for (const low of [1, 2, 3]) expect(await found({ ranges: { within: [[low, low]] } })).to.include(ids.ranges);
    expect(await truncated(ids.ranges)).to.deep.include({ field: 'ranges', shown: 2, total: 3, searchable: true });
  });

  it('of bundles finds the document by each bundle', async () => {
    for (const uuid of ['k00000', 'k00099', 'k00100'])
      expect(await found({ bundleUuid: { is: [uuid] } }), uuid).to.deep.equal([ids.shared]);
    for (const field of ['bundleUuid', 'bundleVersion']) {
      expect(await truncated(ids.shared)).to.deep.include({ field, shown: 100, total: 101, searchable: true });
    }
  });

  it('is no part of the hit, which says nothing where nothing was cut', async () => {
    const { hits } = await list({ entryId: { is: [ids.few] } });
    expect(hits[0].animals[0].sightings).to.deep.equal(kinds(2));
    expect(JSON.stringify(hits)).to.not.include('_rest');
    const whole = await service.get(`/index/cages/${ids.shared}`);
    expect(whole.body.truncated.map(({ field }: { field: string }) => field)).to.have.members([
      'bundleUuid',
      'bundleVersion',
    ]);
  });
});

async function put(path: string, document: unknown): Promise<void> {
  const response = await fetch((await engines.opensearch()) + path, {
    method: 'PUT',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(document),
  });
  expect(response.ok, await response.text()).to.equal(true);
}
