import { expect } from 'chai';
import { model as recordings } from '../../cli/plugin/template/plugin.ts';
import { LazuliError } from '../../core/config/errors.ts';
import { indexBody } from '../../core/documents/index-layout.ts';
import type { Document, Json } from '../../core/model/metadata.ts';
import { apiFields } from '../../query/fields/api-fields.ts';
import { openTestCatalog, type TestCatalog } from '../rigs/transform/computed.ts';
import { testSource } from '../rigs/transform/staging.ts';
import { concerto, variations } from './albums.ts';

const fqid = (uuid: string, version: string) => ({ source: testSource, uuid, version });
const first = fqid('bundle-1', '2020-01-01');
const second = fqid('bundle-2', '2021-01-01');
const whence = (...bundles: readonly ReturnType<typeof fqid>[]) => ({
  sources: [testSource],
  bundles: bundles.map(({ uuid, version }) => ({ uuid, version })),
});

describe('A data model of another domain, in one file', () => {
  let catalog: TestCatalog;
  beforeEach(async () => {
    catalog = await openTestCatalog(recordings);
    await catalog.add([{ action: 'add', fqid: first, contents: variations }]);
    await catalog.add([{ action: 'add', fqid: second, contents: concerto }]);
  });
  afterEach(() => catalog.close());

  it('gets a document for every album and artist', async () => {
    expect([...(await catalog.documents()).keys()].sort()).to.deep.equal([
      'albums/concerto',
      'albums/variations',
      'artists/glenn',
      'artists/orchestra',
    ]);
  });

  it('shows its own inner entity as it is, groups tracks, unites artists of two tables', async () => {
    const documents = await catalog.documents();
    expect(documents.get('albums/variations')).to.deep.equal({
      entity_id: 'variations',
      num_contributions: 1,
      ...whence(first),
      total_seconds: 480,
      contents: {
        albums: [{ document_id: 'variations', title: 'Variations', label: 'Blue' }],
        artists: [{ document_id: ['glenn'], name: ['Glenn'], kind: ['performer'], instruments: ['piano'] }],
        tracks: [
          {
            document_id: ['t1', 't2'],
            title: ['Aria', 'Canon'],
            format: 'flac',
            seconds: 300,
            recorded: '1981-04-22T00:00:00.000000Z',
            count: 2,
          },
          { document_id: ['t3'], title: ['Aria'], format: 'mp3', seconds: 180, count: 1 },
        ],
      },
    });
    expect(documents.get('albums/concerto')?.contents).to.deep.equal({
      albums: [{ document_id: 'concerto', title: 'Concerto', label: null }],
      artists: [
        {
          document_id: ['glenn', 'orchestra'],
          name: ['City Orchestra', 'Glenn'],
          kind: ['ensemble', 'performer'],
          instruments: ['organ', 'piano', null],
          members: 80,
        },
      ],
      tracks: [{ document_id: ['t4'], title: ['Allegro'], format: 'flac', seconds: 900, count: 1 }],
    });
  });

  it('reconciles copies of an artist: that of the newest bundle wins', async () => {
    const documents = await catalog.documents();
    expect(documents.get('artists/glenn')).to.deep.equal({
      entity_id: 'glenn',
      num_contributions: 2,
      ...whence(first, second),
      contents: {
        artists: [{ document_id: 'glenn', name: 'Glenn', kind: 'performer', instruments: ['piano', 'organ'] }],
        albums: [
          {
            document_id: ['concerto', 'variations'],
            title: ['Concerto', 'Variations'],
            label: ['Blue', null],
          },
        ],
        tracks: [
          {
            document_id: ['t1', 't2', 't4'],
            title: ['Allegro', 'Aria', 'Canon'],
            format: 'flac',
            seconds: 1200,
            recorded: '1981-04-22T00:00:00.000000Z',
            count: 3,
          },
          { document_id: ['t3'], title: ['Aria'], format: 'mp3', seconds: 180, count: 1 },
        ],
      },
    });
  });

  it('loses the documents of a bundle that is deleted', async () => {
    await catalog.add([{ action: 'delete', fqid: second }]);
    const documents = await catalog.documents();
    expect([...documents.keys()].sort()).to.deep.equal(['albums/variations', 'artists/glenn']);
    expect(documents.get('artists/glenn')?.contents.artists).to.deep.equal([
      { document_id: 'glenn', name: 'Glenn', kind: 'performer', instruments: ['piano'] },
    ]);
  });

  it('says where nulls are, so that filters can find them', async () => {
    const source = (await catalog.sources()).get('albums/concerto');
    expect(source?._nulls).to.have.members(['contents.albums.label', 'contents.artists.instruments']);
  });

  it('is presented by the plug-in', async () => {
    const document = (await catalog.documents()).get('albums/concerto') as Document;
    const context = {
      entityType: 'albums',
      catalog: 'music',
      baseUrl: 'http://localhost',
      accessibleSources: 'all',
    } as const;
    expect(recordings.present(document, context)).to.deep.equal({
      entryId: 'concerto',
      url: 'http://localhost/index/albums/concerto',
      ...document.contents,
      totalSeconds: 900,
    });
  });

  it('gets names, facets and a mapping from its declarations', () => {
    const albums = apiFields(recordings).get('albums');
    expect(albums?.facets.map(({ name }) => name)).to.have.members([
      'label',
      'artistName',
      'artistKind',
      'instrument',
      'format',
    ]);
    expect(albums?.byName.get('totalSeconds')).to.include({ path: 'total_seconds', type: 'int' });
    const { properties } = indexBody(recordings, 'albums', {}).mappings;
    const keyword = { type: 'keyword', ignore_above: 256 };
    const text = { ...keyword, fields: { whole: { type: 'keyword', index: false } } };
    expect(properties.contents.properties.tracks).to.deep.equal({
      properties: {
        document_id: text,
        title: text,
        format: text,
        seconds: { type: 'long' },
        recorded: keyword,
        count: { type: 'long' },
      },
    });
  });

  it('refuses a bundle with the entity and the field that are wrong', () => {
    const dangling = { ...(concerto as Record<string, Json>), ensembles: [] };
    const refuse = (contents: Json) => () => recordings.normalize({ fqid: first, contents, repository: {} });
    expect(refuse(dangling))
      .to.throw(LazuliError, 'There is no artist orchestra')
      .with.deep.property('place', { entity: 'tracks/t4', field: 'artists' });
    expect(refuse({ ...dangling, album: { id: 'concerto', label: null } }))
      .to.throw(LazuliError)
      .with.deep.property('place', { entity: '', field: 'album.title' });
  });
});
