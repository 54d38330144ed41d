import { cellLine, organoid } from '../biomaterials.ts';
import type { BundleGraph } from '../graph.ts';
import { processOf } from '../processes.ts';
import { otherProtocol } from '../protocols.ts';
import { type Entity, fitting, type Scene } from '../scene.ts';
import { collect, fileRoom, type Sequenced, sequence, suspend } from './material.ts';

function sequenced(scene: Scene, graph: BundleGraph, from: readonly Entity[], share = 0.95): Sequenced {
  const suspensions = [suspend(scene, graph, from)];
  return { suspensions, files: sequence(scene, graph, suspensions, fitting(scene, fileRoom, share)) };
}

/** A line from a specimen, induced to be pluripotent. */
function line(scene: Scene, graph: BundleGraph, from: Entity, key: string): Entity {
  const made = cellLine(scene, key, { from });
  const protocols = [otherProtocol(scene, 'ipsc_induction_protocol')];
  graph.step({ process: processOf(scene, `induce ${key}`), inputs: [from], outputs: [made], protocols });
  return made;
}

/** specimen → cell line → cell line → suspension: the second line is the sample */
export function cellLines(scene: Scene, graph: BundleGraph): Sequenced {
  const first = line(scene, graph, collect(scene, graph), `${Math.floor(scene.ordinal / 4)} first`);
  return sequenced(scene, graph, [line(scene, graph, first, `${scene.ordinal} second`)]);
}

/** specimen → cell line → organoids → one suspension */
export function organoids(scene: Scene, graph: BundleGraph): Sequenced {
  const stem = line(scene, graph, collect(scene, graph), `${Math.floor(scene.ordinal / 4)} first`);
  const grown = ['north', 'south'].map((side) => {
    const made = organoid(scene, `${scene.ordinal} ${side}`, { from: stem });
    const protocols = [
      otherProtocol(scene, 'differentiation_protocol'),
      otherProtocol(scene, 'aggregate_generation_protocol'),
    ];
    graph.step({
      process: processOf(scene, `grow ${scene.ordinal} ${side}`),
      inputs: [stem],
      outputs: [made],
      protocols,
    });
    return made;
  });
  return sequenced(scene, graph, grown, 0.9);
}

/** A suspension pooled from a specimen, a cell line and an organoid: samples of all three kinds. */
export function mixed(scene: Scene, graph: BundleGraph): Sequenced {
  const taken = collect(scene, graph);
  const made = line(scene, graph, taken, `${scene.ordinal} mixed`);
  const grown = organoid(scene, `${scene.ordinal} mixed`, { from: taken });
  const process = processOf(scene, `treat ${scene.ordinal}`);
  graph.step({ process, inputs: [taken], outputs: [grown], protocols: [otherProtocol(scene, 'treatment_protocol')] });
  return sequenced(scene, graph, [taken, made, grown], 0.9);
}
