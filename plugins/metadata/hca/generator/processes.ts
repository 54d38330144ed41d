import type { Random } from '../../../../core/model/random.ts';
import { stamp } from './moments.ts';
import { define, type Entity, type Fields, named, type Scene } from './scene.ts';
import { ontologized } from './terms.ts';
import { instruments, libraryMethods } from './vocabulary.ts';

/** A process by its schema; those but the first two are obsolete and say what protocols say today. */
export type ProcessType =
  | 'process'
  | 'analysis_process'
  | 'dissociation_process'
  | 'enrichment_process'
  | 'library_preparation_process'
  | 'sequencing_process';

const details: Readonly<Record<ProcessType, (scene: Scene, random: Random) => Fields>> = {
  process: () => ({}),
  analysis_process: (scene, random) => ({
    analysis_run_type: 'run',
    inputs: [{ parameter_name: 'chemistry', parameter_value: 'tenX_v2' }],
    reference_files: [random.uuid()],
    tasks: ['CellMetrics', 'MergeCountFiles'].map((task_name, i) => ({
      task_name,
      cpus: 1,
      memory: '43.9453125 GB',
      docker_image: `quay.io/example/sctools:v0.3.${random.between(1, 15)}`,
      start_time: stamp(scene.project.submitted + i * 60_000, 0),
      log_out: `gs://example-logs/${random.uuid()}/call-${task_name}/stdout`,
    })),
  }),
  dissociation_process: () => ({ dissociation_method: 'mechanical', nucleic_acid_source: 'single cell' }),
  enrichment_process: () => ({ enrichment_method: 'FACS', markers: 'CD45+ CD3- CD11b+' }),
  library_preparation_process: (_scene, random) => ({
    library_construction_approach: random.pick(libraryMethods).label,
    end_bias: 'full length',
  }),
  sequencing_process: (scene, random) => ({
    [named(scene, 'paired_end', 'paired_ends')]: true,
    instrument_manufacturer_model: ontologized(random, random.pick(instruments)),
  }),
};

/** One process of a project; it is the same wherever its key is. */
export function processOf(scene: Scene, key: string, type: ProcessType = 'process'): Entity {
  return define(scene, type, key, (random) => ({
    process_core: {
      process_id: `${type} ${key}`,
      process_name: random.chance(0.3) ? `Run ${random.between(1, 99)}` : undefined,
    },
    ...details[type](scene, random),
  }));
}
