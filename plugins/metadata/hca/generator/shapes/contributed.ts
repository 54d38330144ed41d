import { fileOf } from '../files.ts';
import type { BundleGraph } from '../graph.ts';
import { processOf } from '../processes.ts';
import { analysis } from '../protocols.ts';
import { type Entity, fitting, type Scene } from '../scene.ts';
import { contents, libraryMethods, organs } from '../vocabulary.ts';
import { fileRoom } from './material.ts';
import { plain } from './sequencing.ts';

/** Titles and ids of submitters (specification, plugin-hca 4.6). */
const titles = ['GEO', 'Contributor', 'SCEA', 'Zenodo', 'Publication', 'LungMAP', 'HCA Release', 'SCP', 'ArrayExpress'];
const arrayExpress = 'b7525d8e-8c7a-5fec-911a-323e5c3a79f7';
const matrixService = 'c9efbb15-c50c-5796-8d15-35e9e1219dc5';

const picked = <T>(list: readonly T[], index: number): T | undefined => list[index % list.length];

/** Analyses that submitters brought, beside the sequences of the same suspension. */
export function analyses(scene: Scene, graph: BundleGraph, project: Entity): void {
  const { suspensions } = plain({ ...scene, room: scene.room * 0.4 }, graph);
  const outputs = Array.from({ length: fitting(scene, fileRoom, 0.4) }, (_, i) => contributedFile(scene, i));
  const process = processOf(scene, `contribute ${scene.ordinal}`);
  graph.step({ process, inputs: suspensions, outputs, protocols: [analysis(scene, 2)] });
  graph.supplement({ entity: project, files: [paper(scene, 0)] });
}

function contributedFile(scene: Scene, index: number): Entity {
  const kinds = [[contents.countMatrix], [contents.annotations], [contents.countMatrix, contents.annotations]];
  const kind = picked(kinds, index);
  return fileOf(scene, 'analysis_file', {
    key: `${scene.ordinal} contributed ${index}`,
    name: `contributed_${index}.h5ad`,
    format: index % 3 === 1 ? 'csv' : 'h5ad',
    ...(kind === undefined ? {} : { contents: kind }),
    ...(index % 2 === 0 ? { source: picked(titles, scene.ordinal + index) ?? null } : { submitterId: arrayExpress }),
    fields: { matrix_cell_count: index % 2 === 0 ? scene.random.between(100, 9000) : undefined },
  });
}

/** Nothing but the project and files that supplement it: matrices by strata, and documents. */
export function supplements(scene: Scene, graph: BundleGraph, project: Entity): void {
  const count = fitting(scene, fileRoom, 0.8);
  const files = Array.from({ length: count + 3 }, (_, i) => (i < 2 ? paper(scene, i) : stratified(scene, i)));
  graph.supplement({ entity: project, files });
}

/** A document that describes the project, or a matrix whose submitter nobody knows. */
function paper(scene: Scene, index: number): Entity {
  return fileOf(scene, 'supplementary_file', {
    key: `${scene.ordinal} paper ${index}`,
    name: `Supplement ${index}: e\u0301tude.pdf`,
    format: 'pdf',
    ...(index === 0 ? {} : { contents: [contents.countMatrix], submitterId: index === 1 ? scene.random.uuid() : null }),
    fields: { file_description: 'How tissue was collected; what the columns mean.' },
  });
}

function stratified(scene: Scene, index: number): Entity {
  const source = index % 3 === 0 ? { source: picked(titles, scene.ordinal + index) ?? null } : {};
  return fileOf(scene, 'supplementary_file', {
    key: `${scene.ordinal} matrix ${index}`,
    name: `E-MTAB-${scene.project.index}.processed.${index}.zip`,
    format: 'zip',
    contents: [contents.countMatrix],
    submitterId: index % 2 === 0 ? arrayExpress : matrixService,
    ...source,
    fields: { file_description: strata(scene, index) },
  });
}

/** Strata with one or several points and values; some dimensions are missing (plugin-hca 4.6). */
function strata(scene: Scene, index: number): string {
  const { species, stages } = scene.project.species;
  const stage = `developmentStage=${stages.map(({ label }) => label).join(',')}`;
  const organ = (offset: number): string =>
    `organ=${picked(organs, index + offset)?.organ.label},${picked(organs, index + offset + 1)?.organ.label}`;
  const method = `libraryConstructionApproach=${picked(libraryMethods, index)?.label}`;
  const first = [`genusSpecies=${species.label}`, stage, organ(0), method];
  if (index % 3 === 0) return first.filter((_, i) => i !== 1).join(';');
  if (index % 3 === 1) return `${first.join(';')}\n${[first[0], organ(2)].join(';')}`;
  return first.join(';');
}
