import type { Json } from '../../../../core/model/metadata.ts';
import { invalid } from '../members.ts';
import { type DataFile, nameOf, type Values } from '../read/entities.ts';
import type { Graph } from '../read/graph.ts';
import { dcp2Analysis, type Submitter, submitterById, submitterByTitle } from '../read/submitters.ts';

/** What follows from a data file's place in the graph (specification, plugin-hca 4.6). */
export interface FileFacts {
  readonly file: DataFile;
  readonly submitter: Submitter | undefined;
  readonly isMatrix: boolean;
  /** null unless the file is a matrix */
  readonly isIntermediate: boolean | null;
}

/** @throws LazuliError `bundle_invalid` */
export function fileFacts(graph: Graph, number: number): FileFacts {
  const file = graph.entity(number) as DataFile;
  const submitter = submitterOf(file, isAnalysis(graph, graph.parents(number)));
  const isMatrix = file.contentDescription.some((text) => text?.toLowerCase().includes('matrix'));
  const feedsAnalysis = isAnalysis(graph, graph.children(number));
  return { file, submitter, isMatrix, isIntermediate: isMatrix ? intermediate(file, submitter, feedsAnalysis) : null };
}

function isAnalysis(graph: Graph, processes: readonly number[]): boolean {
  return processes.some((process) => graph.entity(process).schema === 'analysis_process');
}

function submitterOf(file: DataFile, isAnalysed: boolean): Submitter | undefined {
  if (file.source !== null) {
    const submitter = submitterByTitle.get(file.source);
    if (submitter !== undefined) return submitter;
    const remedy = `Known sources are: ${[...submitterByTitle.keys()].join(', ')}.`;
    throw invalid(
      nameOf(file),
      'file_core.file_source',
      `'file_core.file_source' is unknown: '${file.source}'`,
      remedy,
    );
  }
  if (file.submitterId !== null) return submitterById.get(file.submitterId);
  return file.schema === 'analysis_file' && isAnalysed ? dcp2Analysis : undefined;
}

function intermediate(file: DataFile, submitter: Submitter | undefined, feedsAnalysis: boolean): boolean {
  if (file.schema === 'supplementary_file') return false;
  if (file.schema === 'analysis_file') {
    return feedsAnalysis || (file.submitterId === null && submitter === dcp2Analysis);
  }
  const message = `'file_core.content_description' says matrix, but the file is neither an analysis nor a supplementary file`;
  const remedy = 'Correct the content description, or the kind of file.';
  throw invalid(nameOf(file), 'file_core.content_description', message, remedy);
}

/** The file's row, without related files. */
export function fileValues({ file, submitter, isIntermediate }: FileFacts): Values {
  const { manifest } = file;
  const values = {
    'content-type': manifest.contentType,
    indexed: manifest.indexed,
    name: manifest.name,
    crc32c: manifest.crc32c,
    sha256: manifest.sha256,
    size: manifest.size,
    uuid: manifest.uuid,
    version: manifest.version,
    drs_uri: manifest.drsUri,
    file_type: file.schema,
    file_format: file.format,
    content_description: file.contentDescription,
    is_intermediate: isIntermediate,
    file_source: submitter?.title ?? null,
    _type: 'file',
    related_files: [],
  };
  return Object.assign(values, file.extra);
}

/** The file as an object inside of another row, where no list is ever empty. */
export function fileObject(facts: FileFacts): Readonly<Record<string, Json>> {
  const { related_files, ...values } = fileValues(facts) as Readonly<Record<string, Json>>;
  const { id, contentDescription } = facts.file;
  return {
    document_id: id,
    ...values,
    content_description: contentDescription.length > 0 ? contentDescription : [null],
  };
}
