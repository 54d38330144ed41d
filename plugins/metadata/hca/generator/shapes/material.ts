import { donor, specimen, suspension } from '../biomaterials.ts';
import { fileOf } from '../files.ts';
import type { BundleGraph } from '../graph.ts';
import { processOf } from '../processes.ts';
import { libraryPreparation, otherProtocol, sequencing } from '../protocols.ts';
import type { Entity, Scene } from '../scene.ts';
import { contents, type Organ } from '../vocabulary.ts';

/** The part of a bundle that leads from donors to sequences. */
export interface Sequenced {
  readonly suspensions: readonly Entity[];
  readonly files: readonly Entity[];
}

/** KB of a file: metadata document, manifest entry and links */
export const fileRoom = 0.95;

/** Bundles that follow each other share specimens, and more of them share donors. */
const bundlesPerSpecimen = 2;
const bundlesPerDonor = 4;

/** A specimen of the bundle, taken from a donor; `offset` gives another specimen, maybe of another donor. */
export function collect(scene: Scene, graph: BundleGraph, offset = 0, organ?: Organ): Entity {
  const number = Math.floor(scene.ordinal / bundlesPerSpecimen) + offset;
  const giver = donor(scene, Math.floor((number * bundlesPerSpecimen) / bundlesPerDonor));
  const key = organ === undefined ? number : `${number} ${organ.organ.label}`;
  const taken = specimen(scene, key, { from: giver, ...(organ === undefined ? {} : { organ }) });
  const protocols = [otherProtocol(scene, 'collection_protocol')];
  graph.step({ process: processOf(scene, `collect ${key}`), inputs: [giver], outputs: [taken], protocols });
  return taken;
}

/** A suspension of the bundle, pooled where it comes from several biomaterials. */
export function suspend(scene: Scene, graph: BundleGraph, from: readonly Entity[], name = 'a'): Entity {
  const key = `${scene.ordinal}${name}`;
  const first = from[0];
  const cells = suspension(scene, key, first === undefined ? {} : { from: first });
  const protocols = [otherProtocol(scene, 'dissociation_protocol'), otherProtocol(scene, 'enrichment_protocol')];
  graph.step({ process: processOf(scene, `suspend ${key}`), inputs: from, outputs: [cells], protocols });
  return cells;
}

const reads = ['read1', 'read2', 'index1'] as const;
const marks = { read1: 'R1', read2: 'R2', index1: 'I1' } as const;

/** Sequences of biomaterials in so many files; a second version of a bundle has one more. */
export function sequence(
  scene: Scene,
  graph: BundleGraph,
  from: readonly Entity[],
  count: number,
  name = 'a',
): readonly Entity[] {
  const files = Array.from({ length: count + scene.version }, (_, i) => sequenceFile(scene, name, i));
  const variant = scene.ordinal % 2;
  graph.step({
    process: processOf(scene, `sequence ${scene.ordinal}${name}`),
    inputs: from,
    outputs: files,
    protocols: [libraryPreparation(scene, variant), sequencing(scene, variant)],
  });
  return files;
}

/** One file of sequences. Only some bundles know lanes, describe contents or name who submitted them. */
export function sequenceFile(scene: Scene, name: string, index: number): Entity {
  const read = reads[index % reads.length] ?? 'read1';
  const lane = Math.floor(index / reads.length) + 1;
  const mark = `S${scene.ordinal}${name}`;
  return fileOf(scene, 'sequence_file', {
    key: `${scene.ordinal}${name}${index}`,
    name: `${mark}${scene.ordinal % 5 === 4 ? '!run 1!' : '_'}L00${lane}_${marks[read]}_001.fastq.gz`,
    format: 'fastq.gz',
    ...(scene.ordinal % 3 === 0 ? { contents: [contents.sequence] } : {}),
    ...(scene.ordinal % 6 === 0 ? { source: 'GEO' } : {}),
    fields: {
      read_index: read,
      lane_index: scene.ordinal % 4 === 1 ? undefined : lane,
      library_prep_id: `library ${mark}`,
      read_length: 98,
    },
  });
}
