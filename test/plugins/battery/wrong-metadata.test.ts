import { expect } from 'chai';
import { model as recordings } from '../../../cli/plugin/template/plugin.ts';
import type { Bundle } from '../../../core/model/bundle.ts';
import type { Json, MetadataPlugin } from '../../../core/model/metadata.ts';
import { brokenFindings, normalizeFindings, sensitiveFindings } from '../../../plugins/battery/metadata.ts';
import { variations } from '../albums.ts';

const source = { id: 'archive', spec: 'archive:/0' };
const bundle: Bundle = { fqid: { source, uuid: 'b', version: '1' }, contents: variations, repository: {} };
/** One member after the other is gone. */
const drops = Array.from({ length: 12 }, (_, at) => [{ at, kind: 'drop', value: null, other: 0 }] as const);
type Normalize = MetadataPlugin['normalize'];

describe('The battery for metadata plug-ins', () => {
  const said = (normalize: Normalize, more: Partial<MetadataPlugin> = {}) => {
    const plugin = { ...recordings, normalize, ...more };
    const contents = JSON.parse(JSON.stringify(variations)) as Json;
    const broken = drops.flatMap((drop) => [...brokenFindings(plugin, bundle, drop)]);
    return [...normalizeFindings(plugin, { ...bundle, contents }), ...broken].map(
      ({ where, what }) => `${where}: ${what}`,
    );
  };

  it('finds nothing wrong with the example', () => {
    expect(said(recordings.normalize)).to.deep.equal([]);
  });

  it('finds one that gives something else each time, changes its bundle, or refuses what is right', () => {
    let calls = 0;
    const label = (contents: Json, text: string) => {
      const { album } = contents as { album: Record<string, Json> };
      return { ...(contents as object), album: { ...album, label: text } } as Json;
    };
    const [first] = said((one) => recordings.normalize({ ...one, contents: label(one.contents, `${calls++}`) }));
    expect(first).to.equal('bundle b: gives other rows the second time');
    const changes: Normalize = (one) => {
      const normalized = recordings.normalize(one);
      (one.contents as Record<string, Json>).seen = true;
      return normalized;
    };
    expect(said(changes)).to.include('bundle b: is changed by `normalize`');
    const refuses: Normalize = () => {
      throw new RangeError('no');
    };
    expect(said(refuses)[0]).to.equal('bundle b: is refused: RangeError: no');
  });

  it('finds one that throws what does not help', () => {
    const careless: Normalize = ({ contents }) => {
      const { album } = contents as { album: { title: string } };
      return { rows: [], sets: [], entities: [{ type: 'albums', id: album.title.toLowerCase(), sets: {} }] };
    };
    const [broken] = said(careless);
    expect(broken).to.match(/^bundle b, with .*throws TypeError: Cannot read properties/);
  });

  it('finds entities that the API would not give, and sensitive members that there are not', () => {
    const { albums, artists } = recordings.entityTypes;
    const entityTypes = { albums: { ...albums, id: '[0-9]+' }, artists } as MetadataPlugin['entityTypes'];
    expect(said(recordings.normalize, { entityTypes })).to.deep.equal([
      'bundle b, albums/variations: has an id by which the API does not give it',
    ]);
    const sensitive = ['/performers/*/name', '/performers/*/age', '/album/title', '/tracks/*/a~1b'];
    const found = [...sensitiveFindings({ ...recordings, sensitive }, [variations])];
    expect(found.map(({ where }) => where)).to.deep.equal(['/performers/*/age', '/tracks/*/a~1b']);
  });
});
