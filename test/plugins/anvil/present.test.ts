import { expect } from 'chai';
import type { Document, Json, PresentContext } from '../../../core/model/metadata.ts';
import { anvil } from '../../../plugins/metadata/anvil/plugin.ts';
import { version } from './tiny-bundle.ts';

const source = { id: 's', spec: 'tdr:x:/0' };

/** The hit of a document that has one inner entity. */
function shown(entityType: string, kind: string, entity: Readonly<Record<string, Json>>): Record<string, unknown> {
  const document: Document = {
    entity_id: 'e',
    contents: { [kind]: [entity] },
    sources: [source],
    bundles: [{ uuid: 'b', version }],
    num_contributions: 1,
  };
  const context: PresentContext = {
    ...{ entityType, catalog: 'anvil', baseUrl: 'http://x' },
    accessibleSources: new Set(entityType === 'datasets' ? [] : ['s']),
  };
  const hit = anvil.present(document, context) as Record<string, [Record<string, unknown>]>;
  return hit[kind]?.[0] ?? {};
}

describe('Hits of AnVIL', () => {
  it('show columns of activities as their table has them', () => {
    const columns = { assay_type: ['exome'], data_modality: [null] };
    const of = (table: string | null) => {
      const { assay_type, data_modality } = shown('activities', 'activities', { activity_table: table, ...columns });
      return [assay_type, data_modality];
    };
    expect(of('anvil_sequencingactivity')).to.deep.equal([['exome'], [null]]);
    expect(of('anvil_assayactivity')).to.deep.equal(['exome', [null]]);
    expect(of('anvil_variantcallingactivity')).to.deep.equal([null, [null]]);
    expect(of('anvil_activity')).to.deep.equal([null, null]);
    expect(of(null)).to.deep.equal([['exome'], [null]]);
  });

  it('show ages as objects: of the entity itself, and in lists', () => {
    const unknown = { gte: null, lte: null };
    const own = (age: Json) =>
      shown('biosamples', 'biosamples', { donor_age_at_collection: age }).donor_age_at_collection;
    expect([own([5, 8]), own([5, null]), own(null)]).to.deep.equal([
      { gte: 5, lte: 8 },
      { gte: 5, lte: null },
      unknown,
    ]);
    const ages = { diagnosis_age: [[5, 8], null], onset_age: [null] };
    expect(shown('donors', 'diagnoses', ages)).to.deep.equal({
      diagnosis_age: [{ gte: 5, lte: 8 }, unknown],
      onset_age: [unknown],
    });
    expect(shown('files', 'diagnoses', ages)).to.deep.equal({});
  });

  it('show what a dataset has, and who may see it', () => {
    const stub = { document_id: 'd', description: 'About' };
    expect(shown('datasets', 'datasets', stub)).to.deep.equal({ ...stub, accessible: false });
    expect(shown('donors', 'datasets', { ...stub, title: ['A'] })).to.deep.equal({ title: ['A'] });
  });

  it('have no URL of a file that cannot be located', () => {
    const file = { uuid: 'u', version, drs_uri: 'drs://x/u' };
    const url = `http://x/repository/files/u?catalog=anvil&version=${encodeURIComponent(version)}`;
    expect(shown('files', 'files', file)).to.deep.equal({ ...file, accessible: true, url, azul_url: url });
    expect(shown('files', 'files', { ...file, drs_uri: null })).to.deep.include({ url: null, azul_url: null });
  });
});
