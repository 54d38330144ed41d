import { expect } from 'chai';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { expedition, herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Service, startService, withFilters } from '../rigs/service/harness.ts';

const plugin: MetadataPlugin = {
  ...herbarium,
  envelope: {
    entity_id: 'id',
    'bundles.uuid': 'bundle_uuid',
    'bundles.version': 'bundle_version',
    'sources.id': 'source_id',
    'sources.spec': 'source_spec',
  },
};

describe('fields of every document', () => {
  let service: Service;
  before(async () => {
    const documents = { sheets: [sheet(1, {}), sheet(2, {}, ['b'])], expeditions: [expedition(3, {}, ['b'])] };
    service = await startService({ plugin, documents });
  });
  after(() => service[Symbol.asyncDispose]());

  const ask = (type: string, filters: unknown, more = {}) => service.get(`/index/${type}${withFilters(filters, more)}`);

  it('are called as the metadata plug-in says', async () => {
    const found = await ask('sheets', { source_id: { is: ['a'] }, bundle_uuid: { is: [idOf(1001)] } }, { sort: 'id' });
    expect(found.body.pagination).to.include({ total: 1, sort: 'id' });
    for (const name of ['entryId', 'bundleUuid', 'bundleVersion', 'sourceId', 'sourceSpec']) {
      expect((await ask('sheets', { [name]: { is: [] } })).body.Message).to.match(
        new RegExp(`Unknown field \`${name}\``),
      );
    }
  });

  it('are subject to access control by whatever name', async () => {
    expect((await ask('sheets', { source_id: { is: ['b'] } })).status).to.equal(403);
    const { body: expeditions } = await ask('expeditions', { source_id: { is: ['b'] } }, { sort: 'id' });
    expect(expeditions.pagination?.total, expeditions.Message).to.equal(1);
    expect((await ask('sheets', { source_id: { is: [null] } })).body.Message).to.match(/`source_id`.*null/);
    const { body } = await ask('sheets', {});
    expect([body.pagination.total, body.termFacets.source_id]).to.deep.equal([1, undefined]);
  });
});
