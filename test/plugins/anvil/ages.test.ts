import { expect } from 'chai';
import type { Document, Json } from '../../../core/model/metadata.ts';
import { anvil } from '../../../plugins/metadata/anvil/plugin.ts';
import { type Service, startService, withFilters } from '../../rigs/service/harness.ts';
import { asBundle, biosample, tinyBundle } from './tiny-bundle.ts';

const ages: Readonly<Record<string, readonly [number | null, number | null]>> = {
  child: [5, 8],
  adult: [38, null],
  infant: [null, 3],
  unknown: [null, null],
};
const field = 'biosamples.donor_age_at_collection';
const source = { id: 'a', spec: 'tdr:x:/0' };

/** A document of a biosample with the row that `normalize` makes of one of that age. */
function documentOf(id: string, [low, high]: readonly [number | null, number | null]): Document {
  const bundle = tinyBundle();
  const bounds = { donor_age_at_collection_lower_bound: low, donor_age_at_collection_upper_bound: high };
  Object.assign(bundle.entities[biosample] as object, bounds);
  const row = anvil.normalize(asBundle(bundle)).rows.find(({ table }) => table === 'biosamples');
  const inner = { document_id: id, ...row?.values } as Readonly<Record<string, Json>>;
  return { entity_id: id, contents: { biosamples: [inner] }, sources: [source], bundles: [], num_contributions: 1 };
}

describe('Ages of AnVIL', function () {
  this.timeout(60_000);
  let service: Service;
  before(async () => {
    const documents = { biosamples: Object.entries(ages).map(([id, age]) => documentOf(id, age)) };
    service = await startService({ plugin: anvil, sources: [source], documents });
  });
  after(() => service?.[Symbol.asyncDispose]());

  const found = async (filters: object, more: Readonly<Record<string, string>> = {}): Promise<readonly string[]> => {
    const { status, body } = await service.get(`/index/biosamples${withFilters(filters, more)}`);
    expect(status, JSON.stringify(body)).to.equal(200);
    return body.hits.map(({ entryId }: { entryId: string }) => entryId);
  };

  it('are found as ranges, with ends that are open, and an unknown one by null alone', async () => {
    const by = async (relation: string, values: readonly unknown[]) =>
      (await found({ [field]: { [relation]: values } })).toSorted();
    expect(await by('within', [[0, 10]])).to.deep.equal(['child']);
    expect(await by('within', [[null, 10]])).to.deep.equal(['child', 'infant']);
    expect(await by('intersects', [[2, 40]])).to.deep.equal(['adult', 'child', 'infant']);
    expect(await by('contains', [1000])).to.deep.equal(['adult']);
    expect(await by('is', [null])).to.deep.equal(['unknown']);
  });

  it('sort by where they begin, or end if nothing else is known, unknown ones last', async () => {
    const ascending = ['infant', 'child', 'adult', 'unknown'];
    expect(await found({}, { sort: field, order: 'asc' })).to.deep.equal(ascending);
    expect(await found({}, { sort: field, order: 'desc' })).to.deep.equal(ascending.toReversed());
    const { body } = await service.get(`/index/biosamples?sort=${field}&order=asc&size=2`);
    expect(body.pagination.sort).to.equal(field);
    const next = await service.get(body.pagination.next.replace(service.url, ''));
    expect(next.body.hits.map(({ entryId }: { entryId: string }) => entryId)).to.deep.equal(ascending.slice(2));
  });
});
