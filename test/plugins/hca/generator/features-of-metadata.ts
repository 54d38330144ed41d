import { pluck, type Seen, type View } from './view.ts';

type Feature = (view: View) => boolean;

const any =
  (type: string | RegExp, test: (one: Seen) => boolean): Feature =>
  ({ seen }) =>
    seen.some((one) => (typeof type === 'string' ? one.type === type : type.test(one.type)) && test(one));

/** some entity of the type has a value at the path that passes */
const value = (type: string | RegExp, path: string, test: (found: unknown) => boolean): Feature =>
  any(type, ({ fields }) => pluck(fields, path).some(test));
const has = (type: string | RegExp, path: string): Feature => value(type, path, () => true);
const lacks = (type: string | RegExp, name: string): Feature => any(type, ({ fields }) => !(name in fields));
const isNull = (type: string | RegExp, name: string): Feature => any(type, ({ fields }) => fields[name] === null);
const emptyList = (type: string | RegExp, name: string): Feature =>
  any(type, ({ fields }) => Array.isArray(fields[name]) && fields[name].length === 0);
const isText = (found: unknown): boolean => typeof found === 'string';
const isObject = (found: unknown): boolean => typeof found === 'object' && found !== null;
const like =
  (pattern: RegExp) =>
  (found: unknown): boolean =>
    typeof found === 'string' && pattern.test(found);
const anything = /./;
const provenance = (test: (found: Readonly<Record<string, unknown>>) => boolean): Feature =>
  any(anything, ({ json }) => test((json.hca_ingest || json.provenance) as Readonly<Record<string, unknown>>));
const date = (pattern: RegExp): Feature =>
  provenance((found) => like(pattern)(found.submission_date ?? found.submissionDate));

/** Rules of specification plugin-hca 2.1, 2.2 and 4 that one entity alone can show. */
export const featuresOfMetadata: Readonly<Record<string, Feature>> = {
  '2.1 content is wrapped': any(anything, ({ json }) => 'content' in json),
  '2.1 content is bare': any(anything, ({ json }) => 'describedBy' in json),
  '2.1 provenance is hca_ingest': any(anything, ({ json }) => isObject(json.hca_ingest)),
  '2.1 hca_ingest is null beside provenance': any(
    anything,
    ({ json }) => json.hca_ingest === null && isObject(json.provenance),
  ),
  '2.1 provenance in camel case': provenance((found) => 'submissionDate' in found),
  '2.1 no update date': provenance((found) => !('update_date' in found) && !('updateDate' in found)),
  '2.1 update date null': provenance((found) => found.update_date === null || found.updateDate === null),
  '2.1 date with three digits': date(/:\d\d\.\d{3}Z$/),
  '2.1 date with six digits': date(/:\d\d\.\d{6}Z$/),
  '2.1 date without fraction': date(/:\d\dZ$/),
  '2.1 date east of Greenwich': date(/\+01:00$/),
  '2.1 date west of Greenwich': date(/-05:30$/),
  '2.1 label of a term': has('specimen_from_organism', 'organ.ontology_label'),
  '2.1 text of a term': value(
    'specimen_from_organism',
    'organ',
    (o) => isObject(o) && !('ontology_label' in (o as object)),
  ),
  '2.1 a term that is its ontology only': value(
    anything,
    'genus_species',
    (o) => isObject(o) && !('text' in (o as object)),
  ),
  '2.2 project short name': has('project', 'project_core.project_short_name'),
  '2.2 project short name, older': has('project', 'project_core.project_shortname'),
  '2.2 no project description': any(
    'project',
    ({ fields }) => pluck(fields, 'project_core.project_description').length === 0,
  ),
  '2.2 no contributors': lacks('project', 'contributors'),
  '2.2 no publications': lacks('project', 'publications'),
  '2.2 publications empty': emptyList('project', 'publications'),
  '2.2 no supplementary links': lacks('project', 'supplementary_links'),
  '2.2 supplementary link twice': any('project', ({ fields }) => {
    const links = pluck(fields, 'supplementary_links');
    return new Set(links).size < links.length;
  }),
  '2.2 cell count of project': value('project', 'estimated_cell_count', (count) => typeof count === 'number'),
  '2.2 cell count of project null': isNull('project', 'estimated_cell_count'),
  '2.2 no cell count of project': lacks('project', 'estimated_cell_count'),
  '2.2 data use restriction': has('project', 'data_use_restriction'),
  '2.2 accessions of several namespaces, not in order': any('project', ({ fields }) => {
    const names = Object.keys(fields).filter((name) => name.endsWith('_accessions'));
    return names.length > 2 && names.join() !== names.toSorted().join();
  }),
  '2.2 accessions empty': emptyList('project', 'biostudies_accessions'),
  '2.2 bionetwork of an atlas': value('project', 'hca_bionetworks.atlas_project', (atlas) => atlas === true),
  '2.2 bionetwork of no atlas': value('project', 'hca_bionetworks.atlas_project', (atlas) => atlas === false),
  '2.2 bionetwork empty': value('project', 'hca_bionetworks', (one) => Object.keys(one as object).length === 0),
  '2.2 no bionetworks': lacks('project', 'hca_bionetworks'),
  '2.2 contributor name': has('project', 'contributors.name'),
  '2.2 contributor name, older': has('project', 'contributors.contact_name'),
  '2.2 several institutions': any(
    'project',
    ({ fields }) => new Set(pluck(fields, 'contributors.institution')).size > 2,
  ),
  '2.2 institution empty': value('project', 'contributors.institution', (name) => name === ''),
  '2.2 email null': value('project', 'contributors.email', (email) => email === null),
  '2.2 contributor corresponds': value('project', 'contributors.corresponding_contributor', (yes) => yes === true),
  '2.2 nobody knows whether contributor corresponds': value(
    'project',
    'contributors.corresponding_contributor',
    (yes) => yes === null,
  ),
  '2.2 project role is a term': value('project', 'contributors.project_role', isObject),
  '2.2 project role is text': value('project', 'contributors.project_role', isText),
  '2.2 publication title': has('project', 'publications.title'),
  '2.2 publication title, older': has('project', 'publications.publication_title'),
  '2.2 official publication': value('project', 'publications.official_hca_publication', (yes) => yes === true),
  '2.2 input of a biomaterial is named': has(/suspension|specimen/, 'biomaterial_core.has_input_biomaterial'),
  '2.2 age as value': value('donor_organism', 'organism_age', like(/^\d+$/)),
  '2.2 age with fraction': value('donor_organism', 'organism_age', like(/^\d+\.\d$/)),
  '2.2 age as range': value('donor_organism', 'organism_age', like(/^\d+-\d+$/)),
  '2.2 age open above': value('donor_organism', 'organism_age', like(/^\d+-$/)),
  '2.2 age open below': value('donor_organism', 'organism_age', like(/^-\d+$/)),
  '2.2 no age': lacks('donor_organism', 'organism_age'),
  '2.2 age null': isNull('donor_organism', 'organism_age'),
  '2.2 age without unit': any(
    'donor_organism',
    ({ fields }) => isText(fields.organism_age) && !('organism_age_unit' in fields),
  ),
  '2.2 age unit in plural or capitals': value('donor_organism', 'organism_age_unit.text', like(/^[A-Z]|s$/)),
  '2.2 sex': has('donor_organism', 'sex'),
  '2.2 sex, older': has('donor_organism', 'biological_sex'),
  '2.2 no development stage': lacks('donor_organism', 'development_stage'),
  '2.2 development stage null': isNull('donor_organism', 'development_stage'),
  '2.2 diseases of donor': has('donor_organism', 'diseases'),
  '2.2 diseases of donor, older': has('donor_organism', 'disease'),
  '2.2 diseases with a falsy element': value(/donor|specimen/, 'diseases', (one) => one === null),
  '2.2 diseases empty': emptyList(/donor|specimen/, 'diseases'),
  '2.2 diseases of specimen': has('specimen_from_organism', 'diseases'),
  '2.2 no preservation': lacks('specimen_from_organism', 'preservation_storage'),
  '2.2 preservation': has('specimen_from_organism', 'preservation_storage.storage_method'),
  '2.2 no organ': lacks('specimen_from_organism', 'organ'),
  '2.2 organ part as object': any(
    'specimen_from_organism',
    ({ fields }) => isObject(fields.organ_part) && !Array.isArray(fields.organ_part),
  ),
  '2.2 organ part as list': any('specimen_from_organism', ({ fields }) => Array.isArray(fields.organ_part)),
  '2.2 organ parts': has('specimen_from_organism', 'organ_parts.ontology_label'),
  '2.2 organ parts with falsy elements': value('specimen_from_organism', 'organ_parts', (part) => part === null),
  '2.2 cells of suspension': has('cell_suspension', 'estimated_cell_count'),
  '2.2 cells of suspension, older': has('cell_suspension', 'total_estimated_cells'),
  '2.2 cells of suspension null': isNull('cell_suspension', 'estimated_cell_count'),
  '2.2 selected cell types': has('cell_suspension', 'selected_cell_types'),
  '2.2 selected cell type, older': has('cell_suspension', 'selected_cell_type'),
  '2.2 type of cell line': has('cell_line', 'type'),
  '2.2 type of cell line, older': has('cell_line', 'cell_line_type'),
  '2.2 no model organ of cell line': lacks('cell_line', 'model_organ'),
  '2.2 model organ of organoid': has('organoid', 'model_organ'),
  '2.2 model organ of organoid, older': has('organoid', 'model_for_organ'),
  '2.2 model organ of organoid has no label': value(
    'organoid',
    'model_organ.ontology_label',
    (label) => label === null,
  ),
  '2.2 part of model organ': has('organoid', 'model_organ_part'),
  '2.2 slice thickness': has('imaged_specimen', 'slice_thickness'),
  '2.2 library method as term': value('library_preparation_protocol', 'library_construction_method', isObject),
  '2.2 library method as text': value('library_preparation_protocol', 'library_construction_approach', isText),
  '2.2 no nucleic acid source': lacks('library_preparation_protocol', 'nucleic_acid_source'),
  '2.2 paired end': has('sequencing_protocol', 'paired_end'),
  '2.2 paired end, older': has('sequencing_protocol', 'paired_ends'),
  '2.2 no instrument': lacks('sequencing_protocol', 'instrument_manufacturer_model'),
  '2.2 probes': has('imaging_protocol', 'probe.assay_type'),
  '2.2 probes, older': has('imaging_protocol', 'target.assay_type'),
  '2.2 no probes': any('imaging_protocol', ({ fields }) => !('probe' in fields) && !('target' in fields)),
  '2.2 protocol name': has('analysis_protocol', 'protocol_core.protocol_name'),
  '2.2 format': has(/_file$/, 'file_core.format'),
  '2.2 format, older': has(/_file$/, 'file_core.file_format'),
  '2.2 file source': has('sequence_file', 'file_core.file_source'),
  '2.2 no content description': any(
    /_file$/,
    ({ fields }) => pluck(fields, 'file_core.content_description').length === 0,
  ),
  '2.2 `!` in a file name': value(/_file$/, 'file_core.file_name', like(/!/)),
  '2.2 matrix in capitals': value('analysis_file', 'file_core.content_description.text', like(/MATRIX/)),
  '2.2 lane': value('sequence_file', 'lane_index', (lane) => typeof lane === 'number'),
  '2.2 no lane': lacks('sequence_file', 'lane_index'),
  '2.2 cells of a matrix': value('analysis_file', 'matrix_cell_count', (count) => typeof count === 'number'),
  '2.2 cells of a matrix null': isNull('analysis_file', 'matrix_cell_count'),
  '1 manifest without sha1': any(/_file$/, ({ manifest }) => manifest !== undefined && !('sha1' in manifest)),
  '1 manifest with s3_etag null': any(/_file$/, ({ manifest }) => manifest?.s3_etag === null),
  '1 size beyond 32 bits': any(/_file$/, ({ manifest }) => Number(manifest?.size) > 2 ** 32),
  'text beyond the Basic Multilingual Plane': any(anything, ({ json }) =>
    /[\u{10000}-\u{10ffff}]/u.test(JSON.stringify(json)),
  ),
  'text with combining characters': any(anything, ({ json }) => /\p{M}/u.test(JSON.stringify(json))),
  'text longer than 256 characters': value('project', 'contributors.institution', like(/^.{257,}$/)),
};
