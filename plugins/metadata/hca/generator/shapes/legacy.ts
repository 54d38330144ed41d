import { donor, specimen, suspension } from '../biomaterials.ts';
import type { BundleGraph } from '../graph.ts';
import { type ProcessType, processOf } from '../processes.ts';
import { otherProtocol } from '../protocols.ts';
import { type Entity, fitting, type Scene } from '../scene.ts';
import { fileRoom, sequenceFile } from './material.ts';

/**
 * The oldest form: obsolete kinds of processes side by side between the same two entities, generic
 * protocols, no protocol of sequencing (specification, plugin-hca 2.1 and 2.3).
 */
export function legacy(scene: Scene, graph: BundleGraph): void {
  const protocol = otherProtocol(scene, 'protocol');
  const join = (type: ProcessType, key: string | number, inputs: readonly Entity[], outputs: readonly Entity[]) =>
    graph.step({ process: processOf(scene, `${type} ${key}`, type), inputs, outputs, protocols: [protocol] });

  const pool = scene.ordinal % 3 === 0 ? 2 : 1;
  const cells = suspension(scene, scene.ordinal);
  for (let i = 0; i < pool; i++) {
    const number = Math.floor(scene.ordinal / 2) + i;
    const giver = donor(scene, Math.floor(number / 2));
    const taken = specimen(scene, number, { from: giver });
    join('process', number, [giver], [taken]);
    join('dissociation_process', `${scene.ordinal} ${i}`, [taken], [cells]);
    join('enrichment_process', `${scene.ordinal} ${i}`, [taken], [cells]);
  }
  const count = fitting(scene, fileRoom * 1.6) + scene.version;
  const files = Array.from({ length: count }, (_, i) => sequenceFile(scene, 'well', i));
  join('library_preparation_process', scene.ordinal, [cells], files);
  join('sequencing_process', scene.ordinal, [cells], files);
}
