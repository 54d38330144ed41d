import { expect } from 'chai';
import { model as recordings } from '../../cli/plugin/template/plugin.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import { conformanceTo } from '../rigs/http/conformance.ts';
import { type Service, startService } from '../rigs/service/harness.ts';
import { openTestCatalog } from '../rigs/transform/computed.ts';
import { testSource } from '../rigs/transform/staging.ts';

const { albums, artists } = recordings.entityTypes;

/** The example, in which the tracks of an artist have another name for their format. */
const plugin: MetadataPlugin = {
  ...recordings,
  entityTypes: {
    albums,
    artists: { ...artists, api: { 'tracks.format': 'recordedFormat' } },
  } as MetadataPlugin['entityTypes'],
};
const album = (id: string, format: string) => ({
  album: { id, title: id, label: null },
  performers: [{ id: 'glenn', name: 'Glenn', instruments: ['piano'] }],
  ensembles: [],
  tracks: [{ id: `${id}-1`, title: 'Aria', format, seconds: 1, artists: ['glenn'] }],
});

describe('An entity type', () => {
  let service: Service;
  before(async () => {
    const catalog = await openTestCatalog(plugin);
    const contents = { first: album('first', 'flac'), second: album('second', 'mp3') };
    for (const [uuid, of] of Object.entries(contents))
      await catalog.add([{ action: 'add', fqid: { source: testSource, uuid, version: '1' }, contents: of }]);
    const found = [...(await catalog.documents())];
    await catalog.close();
    const of = (type: string) => found.flatMap(([key, document]) => (key.startsWith(`${type}/`) ? [document] : []));
    service = await startService({
      plugin,
      sources: [testSource],
      documents: { albums: of('albums'), artists: of('artists') },
    });
  });
  after(() => service?.[Symbol.asyncDispose]());

  const list = async (type: string, filters: object) => {
    const query = new URLSearchParams({ filters: JSON.stringify(filters) });
    return (await service.get(`/index/${type}?${query}`)).body;
  };
  const ids = async (type: string, filters: object) =>
    (await list(type, filters)).hits.map(({ entryId }: { entryId: string }) => entryId);

  it('has its entities asked for by ids of its own kind', async () => {
    const conforms = conformanceTo((await service.get('/openapi')).body);
    const path = '/index/artists/glenn';
    const answer = await service.get(path);
    expect([answer.status, answer.body.entryId]).to.deep.equal([200, 'glenn']);
    expect(conforms({ method: 'GET', path, ...answer })).to.equal(undefined);
    expect((await service.get('/index/albums/third')).status).to.equal(404);
    for (const id of ['Glenn', '1', 'glenn%0a', 'g'.repeat(513)]) {
      const refused = await service.get(`/index/albums/${id}`);
      expect(refused.status, id).to.equal(400);
      expect(refused.body.Message, id).to.match(
        /is not a valid id of albums: `entity_id`.*\^\(\?:\[a-z\]\[a-z0-9-\]\*\)\$/s,
      );
    }
  });

  it('may have a name of its own in the API for a field', async () => {
    expect(await ids('albums', { format: { is: ['mp3'] } })).to.deep.equal(['second']);
    expect(await ids('artists', { recordedFormat: { is: ['mp3'] } })).to.deep.equal(['glenn']);
    expect(await ids('artists', { recordedFormat: { is: ['ogg'] } })).to.deep.equal([]);
    const { termFacets } = await list('artists', {});
    expect(termFacets.recordedFormat.terms).to.have.deep.members([
      { term: 'flac', count: 1 },
      { term: 'mp3', count: 1 },
    ]);
  });

  it('knows the names of others, for fields that it does not have', async () => {
    expect(await ids('artists', { format: { is: ['mp3'] } })).to.deep.equal([]);
    expect(await ids('artists', { format: { is: [null] } })).to.deep.equal(['glenn']);
  });
});
