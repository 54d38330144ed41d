import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import type { Json } from '../../../core/model/metadata.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { type Members, rowsOf, TinyBundle, uuid } from './tiny-bundle.ts';

const donor = `donor_organism/${uuid('donor')}`;
const file = `sequence_file/${uuid('r.fastq')}`;
const bundleName = `bundle/${uuid('the bundle')}`;

function simple(): TinyBundle {
  return new TinyBundle()
    .add('donor_organism', 'donor')
    .add('specimen_from_organism', 'specimen')
    .add('sequence_file', 'r.fastq')
    .make(['donor'], ['specimen'])
    .make(['specimen'], ['r.fastq']);
}

/** A bundle of which one document or manifest entry has other members. */
function changed(part: 'metadata' | 'manifest', key: string, more: Members): TinyBundle {
  const bundle = simple();
  bundle[part][key] = { ...(bundle[part][key] as Members), ...more };
  return bundle;
}

function without(part: 'metadata' | 'manifest', key: string): TinyBundle {
  const bundle = simple();
  delete bundle[part][key];
  return bundle;
}

describe('Bundles that are refused', () => {
  const cases: readonly [string, () => TinyBundle, RegExp, string, string | undefined][] = [
    [
      'an unknown schema',
      () => changed('metadata', donor, { describedBy: 'https://x/alien' }),
      /'alien'/,
      donor,
      'describedBy',
    ],
    ['a document without a name', () => changed('metadata', '', {}), /names no known kind/, 'metadata', undefined],
    [
      'a schema of another class',
      () => changed('metadata', donor, { describedBy: 'https://x/project' }),
      /no biomaterial/,
      donor,
      'describedBy',
    ],
    [
      'a missing key',
      () => changed('metadata', donor, { biomaterial_core: {} }),
      /is missing/,
      donor,
      'biomaterial_core.biomaterial_id',
    ],
    ['a negative size', () => changed('manifest', file, { size: -1 }), /is negative: -1/, file, 'manifest.size'],
    [
      'a version of a file that is none',
      () => changed('manifest', file, { version: 'latest' }),
      /is no timestamp: "latest"/,
      file,
      'manifest.version',
    ],
    [
      'an empty version of a file',
      () => changed('manifest', file, { version: '' }),
      /is no timestamp: ""/,
      file,
      'manifest.version',
    ],
    [
      'a version of a file that is no text',
      () => changed('manifest', file, { version: 7 }),
      /is no string: 7/,
      file,
      'manifest.version',
    ],
    [
      'two files of one UUID, whatever its case',
      () => {
        const bundle = changed('manifest', file, { uuid: uuid('data').toUpperCase() }).add('image_file', 'i.tiff');
        bundle.manifest[`image_file/${uuid('i.tiff')}`] = {
          ...(bundle.manifest[file] as Members),
          ...{ name: 'i.tiff', uuid: uuid('data') },
        };
        return bundle;
      },
      /^sequence_file\/\S+ and image_file\/\S+ have the same UUID in the manifest: \S+$/,
      `image_file/${uuid('i.tiff')}`,
      'manifest.uuid',
    ],
    [
      'a negative number of cells',
      () => changed('metadata', `project/${uuid('atlas')}`, { estimated_cell_count: -1 }),
      /is negative: -1/,
      `project/${uuid('atlas')}`,
      'estimated_cell_count',
    ],
    [
      'a wrong type',
      () => changed('metadata', donor, { genus_species: 'Homo' }),
      /is no list: "Homo"/,
      donor,
      'genus_species',
    ],
    [
      'a term that is none',
      () => changed('metadata', donor, { genus_species: [7] }),
      /no ontology term: 7/,
      donor,
      'genus_species.0',
    ],
    ['half a surrogate pair', () => changed('metadata', donor, { sex: 'x\ud800' }), /surrogate/, donor, 'sex'],
    ['a joiner', () => changed('metadata', donor, { notes: { a: ['x||y'] } }), /\|\|/, donor, 'notes.a.0'],
    ['a joiner in the manifest', () => changed('manifest', file, { name: 'a||b' }), /\|\|/, file, 'manifest.name'],
    ['a file without manifest entry', () => without('manifest', file), /no entry/, file, undefined],
    [
      'a manifest entry without checksum',
      () => changed('manifest', file, { crc32c: null }),
      /is null/,
      file,
      'manifest.crc32c',
    ],
    ['no project', () => without('metadata', `project/${uuid('atlas')}`), /no project/, bundleName, 'metadata'],
    ['two projects', () => simple().add('project', 'other'), /more than one/, bundleName, 'metadata'],
    [
      'two documents of one id',
      () =>
        changed('metadata', donor, {
          provenance: { document_id: uuid('specimen'), submission_date: '2019-01-01T00:00:00Z' },
        }),
      /same document id/,
      `specimen_from_organism/${uuid('specimen')}`,
      'provenance.document_id',
    ],
    [
      'a date that is none',
      () => changed('metadata', donor, { provenance: { document_id: uuid('donor'), submission_date: 'yesterday' } }),
      /'yesterday'/,
      donor,
      'provenance.submission_date',
    ],
    ['a name that is none', () => changed('metadata', 'donor', {}), /no known kind/, 'donor', undefined],
  ];
  for (const [what, bundle, message, entity, field] of cases) {
    it(`for ${what} say where it is`, () => {
      expect(() => bundle().normalize())
        .to.throw(LazuliError, message)
        .with.deep.include({ code: 'bundle_invalid', place: field === undefined ? { entity } : { entity, field } });
    });
  }

  it('for an unusual version say so', () => {
    const bundle = simple();
    bundle.version = '2020';
    expect(() => bundle.normalize()).to.throw(LazuliError, /no timestamp/);
  });

  for (const contents of [null, [], 'x', {}, { manifest: {}, metadata: [], links: {} }] as readonly Json[]) {
    it(`are no bundles at all: ${JSON.stringify(contents)}`, () => {
      expect(() => hca.normalize({ ...simple().bundle(), contents }))
        .to.throw(LazuliError)
        .with.property('remedy');
    });
  }

  it('are nested too deeply', () => {
    let deep: Json = [];
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(() => changed('metadata', donor, { deep }).normalize()).to.throw(LazuliError, /nested too deeply/);
  });
});

describe('Keys with a meaning in JavaScript', () => {
  it('are harmless', () => {
    const text = JSON.stringify(simple().bundle().contents).replaceAll(
      '"biomaterial_core":{',
      '"biomaterial_core":{"__proto__":{"biomaterial_id":"evil"},',
    );
    const contents = JSON.parse(
      text.replaceAll('{"describedBy"', '{"__proto__":{"organ":{"text":"evil"}},"constructor":1,"describedBy"'),
    ) as Json;
    const normalized = hca.normalize({ ...simple().bundle(), contents });
    expect(rowsOf(normalized, 'files', 'r.fastq', 'donors')[0]?.values).to.include({ biomaterial_id: 'donor' });
    expect(JSON.stringify(normalized.rows.filter(({ table }) => table !== 'documents'))).to.not.include('evil');
  });

  it('name nothing: a document called __proto__ is refused', () => {
    const contents = JSON.parse(
      JSON.stringify(simple().bundle().contents).replace('"metadata":{', '"metadata":{"__proto__":{},'),
    ) as Json;
    expect(() => hca.normalize({ ...simple().bundle(), contents })).to.throw(LazuliError, /'__proto__'/);
  });
});
