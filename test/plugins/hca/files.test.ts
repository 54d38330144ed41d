import { expect } from 'chai';
import type { Json } from '../../../core/model/metadata.ts';
import { documentsTable } from '../../../core/model/normalized.ts';
import { label, type Members, names, outer, rowsOf, TinyBundle, uuid } from './tiny-bundle.ts';

const matrix: Json = [label('Count Matrix')];

function file(name: string, more: Members = {}): Members {
  return { file_core: { file_name: name, format: 'x', ...more } };
}

describe('Data files', () => {
  const analysed = (more: Members = {}, provenance: Members = {}) =>
    new TinyBundle()
      .add('specimen_from_organism', 'specimen')
      .add('analysis_file', 'a.loom', {
        ...file('a.loom', { content_description: matrix, ...more }),
        provenance: { document_id: uuid('a.loom'), submission_date: '2019-01-01T00:00:00Z', ...provenance },
      })
      .make(['specimen'], ['a.loom'], [], 'analysis', 'analysis_process');

  it('are intermediate matrices where an analysis made them and nobody submitted them', () => {
    const [made] = rowsOf(analysed().normalize(), 'files', 'a.loom', 'files');
    expect(made?.values).to.include({ file_source: 'DCP/2 Analysis', is_intermediate: true, matrix_cell_count: null });
    const submitted = analysed({}, { submitter_id: 'E67AAABE-93EA-564A-AA66-31BC0857B707' }).normalize();
    expect(rowsOf(submitted, 'files', 'a.loom', 'files')[0]?.values).to.include({ is_intermediate: false });
    expect(rowsOf(submitted, 'projects', 'atlas', 'matrices')[0]?.values).to.have.nested.property(
      'file.strata',
      'organ=eye',
    );
    expect(names(submitted, 'projects', 'atlas', 'contributed_analyses')).to.deep.equal([]);
  });

  it('of a contributor are contributed analyses, matrix or not', () => {
    const bundle = analysed({ file_source: 'GEO', content_description: [] }).normalize();
    const [analysis] = rowsOf(bundle, 'bundles', 'the bundle', 'contributed_analyses');
    expect(analysis?.values.file).to.include({ file_source: 'GEO', is_intermediate: null, strata: 'organ=eye' });
    expect(analysis?.values.file).to.deep.include({ content_description: [null], related_files: [] });
  });

  it('of an unknown source are refused', () => {
    expect(() => analysed({ file_source: 'Me' }).normalize())
      .to.throw(/'Me'/)
      .with.deep.property('place', { entity: `analysis_file/${uuid('a.loom')}`, field: 'file_core.file_source' });
  });

  it('that claim to be matrices of sequences are refused', () => {
    const bundle = new TinyBundle().add('sequence_file', 'r.fastq', {
      ...file('r.fastq', { content_description: matrix }),
    });
    expect(() => bundle.normalize()).to.throw(/says matrix/);
  });

  it('show the strata of a supplementary matrix as entities of their own, without ids', () => {
    const bundle = new TinyBundle()
      .add('supplementary_file', 'm.zip', {
        ...file('m.zip', { content_description: matrix, file_source: 'GEO' }),
        file_description:
          'genusSpecies=Mus musculus;organ=skin,eye\ndevelopmentStage=adult;libraryConstructionApproach=10x',
      })
      .normalize();
    const found = (role: string) => rowsOf(bundle, 'files', 'm.zip', role).map(({ id, values }) => ({ id, ...values }));
    expect(found('donors')).to.deep.equal([
      { id: null, genus_species: ['Mus musculus'], biomaterial_id: 'donor_organism_m.zip' },
      { id: null, development_stage: ['adult'], biomaterial_id: 'donor_organism_m.zip' },
    ]);
    expect(found('specimens')).to.deep.equal([
      { id: null, biomaterial_id: 'specimen_from_organism_0_m.zip', organ: 'eye' },
      { id: null, biomaterial_id: 'specimen_from_organism_1_m.zip', organ: 'skin' },
    ]);
    expect(found('library_preparation_protocols')).to.deep.equal([
      { id: null, library_construction_approach: ['10x'] },
    ]);
    expect(rowsOf(bundle, 'projects', 'atlas', 'donors')).to.deep.equal([]);
  });

  it('of a zarr store are shown by one of them', () => {
    const members = ['s.zarr!.zattrs', 's.zarr!.zgroup', 's.zarr!a!0', 't.zarr!0'];
    const bundle = new TinyBundle().add('specimen_from_organism', 'specimen');
    for (const name of members) bundle.add('analysis_file', name);
    const normalized = bundle.make(['specimen'], members).normalize();
    expect(outer(normalized, 'files', members)).to.deep.equal(['s.zarr!.zattrs']);
    const [own] = rowsOf(normalized, 'files', 's.zarr!.zattrs', 'files');
    const related = own?.values.related_files as readonly Members[];
    expect(related.map(({ name }) => name).sort()).to.deep.equal(['s.zarr/.zgroup', 's.zarr/a/0']);
    expect(related[0]).to.not.have.property('related_files');
    const [others] = rowsOf(normalized, 'samples', 'specimen', 'files');
    expect(others?.id).to.equal(own?.id);
    expect(others?.values).to.deep.include({ name: 's.zarr/.zattrs', related_files: [] });
  });

  it('have slashes for exclamation marks, in replicas too, and the input stays as it was', () => {
    const bundle = new TinyBundle().add('analysis_file', 'a!b!c');
    const built = bundle.bundle();
    const before = JSON.stringify(built);
    const normalized = bundle.normalize();
    const replica = normalized.rows.find(({ table, id }) => table === documentsTable && id === uuid('a!b!c'));
    expect(JSON.parse(replica?.values.contents as string)).to.have.nested.property('file_core.file_name', 'a/b/c');
    expect(JSON.stringify(built)).to.equal(before);
  });

  it('have DRS URIs made from a domain, else those of the manifest', async () => {
    const { hca } = await import('../../../plugins/metadata/hca/plugin.ts');
    const bundle = new TinyBundle().add('analysis_file', 'a').bundle();
    const drsUri = (repository: Readonly<Record<string, string>>) =>
      rowsOf(hca.normalize({ ...bundle, repository }), 'files', 'a', 'files')[0]?.values.drs_uri;
    const encoded = '2020-01-01T00%3A00%3A00.000000Z';
    expect(drsUri({ drs_domain: 'd.org' })).to.equal(`drs://d.org/${uuid('data of a')}?version=${encoded}`);
    expect(drsUri({})).to.equal(null);
  });
});
