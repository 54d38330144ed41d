import type { Random } from '../../../../core/model/random.ts';
import { define, type Entity, type Fields, named, type Scene } from './scene.ts';
import { ontologized, revised } from './terms.ts';
import { assayTypes, instruments, libraryMethods, nucleicAcidSources, workflows } from './vocabulary.ts';

/** Protocols of a project are few: `choice` tells its variants apart. */
type Make = (scene: Scene, choice?: number) => Entity;

function core(scene: Scene, random: Random, id: string): Fields {
  return {
    protocol_core: {
      protocol_id: id,
      protocol_name: random.chance(0.7) ? revised(scene, id.replaceAll('_', ' ')) : undefined,
      protocol_description: random.chance(0.5)
        ? `As in doi:10.1000/${random.hex(3)}, at 4 °C for 30 minutes.`
        : undefined,
      document: `${id}.pdf`,
    },
  };
}

export const libraryPreparation: Make = (scene, choice = 0) =>
  define(scene, 'library_preparation_protocol', choice, (random) => {
    const method =
      libraryMethods[(scene.project.index + choice) % libraryMethods.length] ?? random.pick(libraryMethods);
    return {
      ...core(scene, random, `library_preparation_${choice}`),
      [named(scene, 'library_construction_method', 'library_construction_approach')]:
        scene.dialect.old && random.chance(0.4) ? method.label : ontologized(random, method),
      nucleic_acid_source: random.chance(0.2) ? undefined : random.pick(nucleicAcidSources),
      end_bias: '3 prime tag',
      strand: 'unstranded',
    };
  });

export const sequencing: Make = (scene, choice = 0) =>
  define(scene, 'sequencing_protocol', choice, (random) => ({
    ...core(scene, random, `sequencing_${choice}`),
    instrument_manufacturer_model: random.chance(0.1) ? undefined : ontologized(random, random.pick(instruments)),
    [named(scene, 'paired_end', 'paired_ends')]: random.chance(0.1) ? undefined : random.chance(0.6),
    '10x': { fastq_method: 'Cellranger mkfastq' },
  }));

export const analysis: Make = (scene, choice = 0) =>
  define(scene, 'analysis_protocol', choice, (random) => ({
    ...core(scene, random, workflows[(scene.project.index + choice) % workflows.length] ?? random.pick(workflows)),
    computational_method: 'Optimus',
    type: { text: 'analysis_protocol' },
  }));

const bases = ['a', 'c', 'g', 't'] as const;

/** How what is imaged was made visible, probe by probe. */
export function imaging(scene: Scene, probes: number): Entity {
  return define(scene, 'imaging_protocol', `probes ${scene.ordinal}`, (random) => ({
    ...core(scene, random, 'imaging_1'),
    microscopy_technique: { text: 'spinning disk confocal' },
    magnification: '20x',
    pixel_size: 322.5,
    [named(scene, 'probe', 'target')]: Array.from({ length: probes }, (_, i) => ({
      molecule_name: `Gene${i}`,
      probe_sequence: Array.from({ length: 24 }, () => random.pick(bases)).join(''),
      assay_type: ontologized(random, assayTypes[i % 3 === 2 ? 1 : 0] ?? random.pick(assayTypes)),
      multiplexed: 'yes',
    })),
  }));
}

/** An imaging protocol that names no probes at all. */
export const unprobed: Make = (scene, choice = 0) =>
  define(scene, 'imaging_protocol', choice, (random) => core(scene, random, `imaging_without_probes_${choice}`));

/** Protocols that nothing but the graph and the verbatim documents know. */
export type OtherProtocol =
  | 'protocol'
  | 'aggregate_generation_protocol'
  | 'collection_protocol'
  | 'differentiation_protocol'
  | 'dissociation_protocol'
  | 'enrichment_protocol'
  | 'ipsc_induction_protocol'
  | 'imaging_preparation_protocol'
  | 'treatment_protocol';

export function otherProtocol(scene: Scene, type: OtherProtocol): Entity {
  return define(scene, type, 0, (random) => ({
    ...core(scene, random, `${type}_1`),
    method: { text: type.replaceAll('_', ' ') },
    reagents: [{ retail_name: 'Collagenase IV', catalog_number: random.hex(3) }],
  }));
}
