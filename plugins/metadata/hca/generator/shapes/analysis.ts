import { type FileSpec, fileOf } from '../files.ts';
import type { BundleGraph } from '../graph.ts';
import { processOf } from '../processes.ts';
import { analysis } from '../protocols.ts';
import { type Entity, fitting, type Scene } from '../scene.ts';
import { contents } from '../vocabulary.ts';
import { fileRoom } from './material.ts';
import { plain } from './sequencing.ts';
import { sequencedBy, upstreamOf } from './upstream.ts';

/** Id of the submitter DCP/2 Analysis (specification, plugin-hca 4.6). */
const pipeline = 'e67aaabe-93ea-564a-aa66-31bc0857b707';

const product = (scene: Scene, key: string, spec: Omit<FileSpec, 'key'>): Entity =>
  fileOf(scene, 'analysis_file', { key: `${scene.ordinal} ${key}`, ...spec });

const members = [
  '.zattrs',
  '.zgroup',
  'cell_id!.zarray',
  'cell_id!0',
  'expression!.zarray',
  'expression!0.0',
  'gene_id!0',
];

/** A zarr store: one document a member. Older names have `!` for `/`, newer ones have not. */
function zarr(scene: Scene, name: string): readonly Entity[] {
  const written = (path: string): string => (scene.dialect.old ? path : path.replaceAll('!', '/'));
  return members.map((member) =>
    product(scene, `zarr ${name} ${member}`, {
      name: written(`${name}.zarr!${member}`),
      format: 'matrix',
      ...(scene.ordinal % 2 === 0 ? { contents: [contents.countMatrix] } : {}),
    }),
  );
}

/** Sequences and their analysis in one bundle, as the first pipelines wrote them, zarr stores included. */
export function analysed(scene: Scene, graph: BundleGraph): void {
  const { files } = plain({ ...scene, room: scene.room * 0.2 }, graph);
  const bams = Array.from({ length: fitting(scene, fileRoom, 0.75) }, (_, i) =>
    product(scene, `bam ${i}`, { name: `sample_${i}.bam`, format: 'bam', contents: [] }),
  );
  const text = product(scene, 'mtx', { name: 'matrix.mtx', format: 'mtx', contents: [contents.shouted] });
  graph.step({
    process: processOf(scene, `analyse ${scene.ordinal}`, 'analysis_process'),
    inputs: files,
    outputs: [...bams, text, ...zarr(scene, `cells_${scene.ordinal}`)],
    protocols: [analysis(scene)],
  });
}

/**
 * A project-level matrix over stitched upstream bundles: intermediate matrices of each go into one
 * that has a submitter. A reference genome goes in too.
 */
export function stitched(scene: Scene, graph: BundleGraph): void {
  const upstream = upstreamOf(scene).map((one) => sequencedBy(one, graph));
  graph.stitch();
  graph.stitchAbsent(scene.random.uuid());
  const genome = fileOf(scene, 'reference_file', {
    key: 'genome',
    name: 'GRCh38.primary_assembly.genome.fa',
    format: 'fa',
    contents: [contents.genome],
    fields: { genus_species: { text: 'Homo sapiens' }, assembly_type: 'primary assembly' },
  });
  const matrices = upstream.map(({ files }, i) => intermediate(scene, graph, [...files, genome], i));
  const whole = product(scene, 'whole', {
    name: `project_${scene.project.index}_${scene.ordinal}.loom`,
    format: 'loom',
    contents: [contents.generatedMatrix],
    submitterId: pipeline,
    fields: { matrix_cell_count: scene.ordinal % 3 === 0 ? null : scene.random.between(1000, 90_000) },
  });
  const process = processOf(scene, `merge ${scene.ordinal}`, 'analysis_process');
  graph.step({ process, inputs: matrices, outputs: [whole], protocols: [analysis(scene, 1)] });
}

function intermediate(scene: Scene, graph: BundleGraph, inputs: readonly Entity[], index: number): Entity {
  const matrix = product(scene, `loom ${index}`, {
    name: `run_${scene.ordinal}_${index}.loom`,
    format: 'loom',
    contents: [contents.generatedMatrix],
  });
  const bam = product(scene, `bam ${index}`, { name: `run_${scene.ordinal}_${index}.bam`, format: 'bam' });
  const process = processOf(scene, `analyse ${scene.ordinal} ${index}`, 'analysis_process');
  graph.step({ process, inputs, outputs: [matrix, bam], protocols: [analysis(scene)] });
  return matrix;
}
