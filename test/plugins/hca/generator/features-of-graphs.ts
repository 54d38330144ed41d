import { closure, pluck, type Seen, type View } from './view.ts';

type Feature = (view: View) => boolean;

const schemas = [
  ...['donor_organism', 'specimen_from_organism', 'cell_suspension', 'cell_line', 'organoid', 'imaged_specimen'],
  ...['analysis_file', 'reference_file', 'sequence_file', 'supplementary_file', 'image_file'],
  ...['protocol', 'analysis_protocol', 'aggregate_generation_protocol', 'collection_protocol'],
  ...['differentiation_protocol', 'dissociation_protocol', 'enrichment_protocol', 'ipsc_induction_protocol'],
  ...['imaging_protocol', 'library_preparation_protocol', 'sequencing_protocol', 'imaging_preparation_protocol'],
  ...['treatment_protocol', 'project', 'process', 'analysis_process', 'dissociation_process', 'enrichment_process'],
  ...['library_preparation_process', 'sequencing_process'],
];
const occurs =
  (type: string): Feature =>
  (view) =>
    view.seen.some((one) => one.type === type);
const version =
  (pattern: RegExp, form: (link: Readonly<Record<string, unknown>>) => boolean): Feature =>
  (view) =>
    pattern.test(view.linksVersion) && view.links.some(form);

const samples = new Set(['cell_line', 'organoid', 'specimen_from_organism']);
const of = (view: View, type: string): readonly Seen[] => view.seen.filter((one) => one.type === type);
const makers = (view: View, one: Seen): readonly Seen[] =>
  (view.parents.get(one.id) ?? []).flatMap((process) => view.parents.get(process.id) ?? []);
const made = (view: View, one: Seen): readonly Seen[] =>
  (view.children.get(one.id) ?? []).flatMap((process) => view.children.get(process.id) ?? []);

function ancestorSamples(view: View, one: Seen): ReadonlySet<Seen> {
  if (samples.has(one.type)) return new Set([one]);
  return new Set((view.parents.get(one.id) ?? []).flatMap((parent) => [...ancestorSamples(view, parent)]));
}

const files = (view: View, type: string, test: (file: Seen) => boolean): boolean => of(view, type).some(test);
const name = (file: Seen): string => String(pluck(file.fields, 'file_core.file_name')[0]).replaceAll('!', '/');
const source = (file: Seen): unknown => pluck(file.fields, 'file_core.file_source')[0];
const submitter = (file: Seen): unknown => pluck(file.json, 'provenance.submitter_id')[0];
const isMatrix = (file: Seen): boolean =>
  pluck(file.fields, 'file_core.content_description').some((one) => /matrix/i.test(JSON.stringify(one)));
const by = (view: View, file: Seen, type: string): boolean =>
  (view.parents.get(file.id) ?? []).some((process) => process.type === type);
const feeds = (view: View, file: Seen, type: string): boolean =>
  (view.children.get(file.id) ?? []).some((process) => process.type === type);
const strata = (file: Seen): string => String(file.fields.file_description);
const supplementary =
  (test: (file: Seen) => boolean): Feature =>
  (view) =>
    files(view, 'supplementary_file', (file) => isMatrix(file) && test(file));
const matrixService = 'c9efbb15-c50c-5796-8d15-35e9e1219dc5';
const pipeline = 'e67aaabe-93ea-564a-aa66-31bc0857b707';

/** Rules of specification plugin-hca 2.3, 2.4, 3 and 4 that take more than one entity to show. */
export const featuresOfGraphs: Readonly<Record<string, Feature>> = {
  ...Object.fromEntries(schemas.map((type) => [`2.1 ${type}`, occurs(type)])),
  '2.3 flat links, labelled 1.0.0': version(/^1\.0\.0$/, (link) => 'source_id' in link),
  '2.3 links 1.x': version(/^1\.[1-9]/, (link) => 'process' in link),
  '2.3 links 1.x, type of protocol': version(/^1/, (link) => pluck(link, 'protocols.type').length > 0),
  '2.3 links 1.x, protocol_type': version(/^1/, (link) => pluck(link, 'protocols.protocol_type').length > 0),
  '2.3 links 2.x': version(/^2/, (link) => link.link_type === 'process_link'),
  '2.3 links 3.x': version(/^3/, (link) => link.link_type === 'process_link'),
  '2.3 supplementary links 2.x': version(/^2/, (link) => link.link_type === 'supplementary_file_link'),
  '2.3 supplementary links 3.x': version(/^3/, (link) => link.link_type === 'supplementary_file_link'),
  '2.3 an entity without edges': (view) => of(view, 'supplementary_file').some((one) => !view.parents.has(one.id)),
  '2.4 a diamond': (view) =>
    view.seen.some((one) => {
      const children = view.children.get(one.id) ?? [];
      const below = children.map((child) => closure(view.children, child));
      return below.some((set, i) => below.some((other, j) => i < j && [...set].some((each) => other.has(each))));
    }),
  '2.4 a sample above another sample': (view) =>
    of(view, 'cell_line').some((one) => makers(view, one).some(({ type }) => type === 'cell_line')),
  '2.4 samples of all three kinds for one suspension': (view) =>
    of(view, 'cell_suspension').some(
      (one) => new Set([...ancestorSamples(view, one)].map(({ type }) => type)).size === 3,
    ),
  '2.4 a sequencing input that is an imaged specimen': (view) =>
    of(view, 'imaged_specimen').some((one) =>
      (view.children.get(one.id) ?? []).some((process) =>
        (view.children.get(process.id) ?? []).some(({ type }) => type === 'sequencing_protocol'),
      ),
    ),
  '2.4 zarr member that stands for its store': (view) =>
    files(view, 'analysis_file', (file) => /\.zarr\/.*\.zattrs$/.test(name(file))),
  '2.4 zarr member that does not': (view) => files(view, 'analysis_file', (file) => /\.zarr\/.*[^s]$/.test(name(file))),
  '3 stitched entities': ({ stitched, seen }) =>
    seen.some(({ id }) => stitched.has(id)) && seen.some(({ id }) => !stitched.has(id)),
  '3 stitched files': (view) => files(view, 'sequence_file', ({ id }) => view.stitched.has(id)),
  '3 stitched id of nothing in the bundle': ({ stitched, seen }) =>
    [...stitched].some((id) => seen.every((one) => one.id !== id)),
  '3 pooled suspension': (view) => of(view, 'cell_suspension').some((one) => makers(view, one).length > 1),
  '3 a plate of suspensions': (view) => of(view, 'cell_suspension').length > 4,
  '3 imaging without suspension': (view) => occurs('image_file')(view) && !occurs('cell_suspension')(view),
  '3 files without samples': (view) => view.seen.every(({ type }) => !samples.has(type)),
  '3 a sample without donor': (view) => occurs('specimen_from_organism')(view) && !occurs('donor_organism')(view),
  '4.1 a suspension that is no leaf': (view) =>
    of(view, 'cell_suspension').some((one) => made(view, one).some(({ type }) => type === 'cell_suspension')),
  '4.1 suspension of organs known and unknown': (view) =>
    of(view, 'cell_suspension').some((one) => {
      const organs = [...ancestorSamples(view, one)].map(({ fields }) => 'organ' in fields || 'model_organ' in fields);
      return organs.includes(true) && organs.includes(false);
    }),
  '4.3 probes of several assays': (view) =>
    of(view, 'imaging_protocol').some(({ fields }) => {
      const probes = [...pluck(fields, 'probe.assay_type'), ...pluck(fields, 'target.assay_type')];
      return new Set(probes.map((probe) => JSON.stringify(probe))).size > 1;
    }),
  '4.6 analysis by the pipeline, without submitter': (view) =>
    files(view, 'analysis_file', (file) => submitter(file) === undefined && by(view, file, 'analysis_process')),
  '4.6 intermediate matrix that goes into another analysis': (view) =>
    files(view, 'analysis_file', (file) => isMatrix(file) && feeds(view, file, 'analysis_process')),
  '4.6 matrix of the pipeline with its id': (view) =>
    files(view, 'analysis_file', (file) => submitter(file) === pipeline && isMatrix(file)),
  '4.6 contributed by title': (view) => files(view, 'analysis_file', (file) => typeof source(file) === 'string'),
  '4.6 contributed by id': (view) =>
    files(view, 'analysis_file', (file) => typeof submitter(file) === 'string' && submitter(file) !== pipeline),
  '4.6 contributed analysis that is no matrix': (view) =>
    files(view, 'analysis_file', (file) => typeof source(file) === 'string' && !isMatrix(file)),
  '4.6 supplementary matrix of the matrix service': supplementary(
    (file) => submitter(file) === matrixService && source(file) === undefined,
  ),
  '4.6 supplementary matrix of an unknown submitter': supplementary(
    (file) => !strata(file).includes('=') && typeof submitter(file) === 'string',
  ),
  '4.6 supplementary file that is no matrix': (view) => files(view, 'supplementary_file', (file) => !isMatrix(file)),
  '4.6 one stratum': supplementary((file) => strata(file).includes('=') && !strata(file).includes('\n')),
  '4.6 several strata': supplementary((file) => strata(file).includes('\n')),
  '4.6 stratum of several values': supplementary((file) => /organ=[^;]*,/.test(strata(file))),
  '4.6 stratum without a dimension': supplementary(
    (file) => /=/.test(strata(file)) && !strata(file).includes('developmentStage'),
  ),
};
