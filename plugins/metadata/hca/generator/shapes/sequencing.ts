import { specimen } from '../biomaterials.ts';
import type { BundleGraph } from '../graph.ts';
import { fitting, type Scene } from '../scene.ts';
import { collect, fileRoom, type Sequenced, sequence, suspend } from './material.ts';

/** donor → specimen → suspension → sequences */
export function plain(scene: Scene, graph: BundleGraph): Sequenced {
  const suspensions = [suspend(scene, graph, [collect(scene, graph)])];
  const files = sequence(scene, graph, suspensions, fitting(scene, fileRoom));
  return { suspensions, files };
}

/** Several specimens, of which some have a donor in common, in one suspension: diamonds in the graph. */
export function pooled(scene: Scene, graph: BundleGraph): Sequenced {
  const other = scene.project.organs.at(-1);
  const specimens = [collect(scene, graph), collect(scene, graph, 1), collect(scene, graph, 2, other)];
  const suspensions = [suspend(scene, graph, specimens)];
  const files = sequence(scene, graph, suspensions, fitting(scene, fileRoom, 0.9));
  return { suspensions, files };
}

/** A suspension processed into others: only the last ones count cells (specification, plugin-hca 4.1). */
export function chained(scene: Scene, graph: BundleGraph): Sequenced {
  const whole = suspend(scene, graph, [collect(scene, graph)], 'whole');
  const sorted = suspend(scene, graph, [whole], 'sorted');
  const rest = suspend(scene, graph, [whole], 'rest');
  const each = fitting(scene, fileRoom, 0.45);
  const files = [sorted, rest].flatMap((cells, i) =>
    sequence(scene, graph, [cells], each, i === 0 ? 'sorted' : 'rest'),
  );
  return { suspensions: [whole, sorted, rest], files };
}

/** One suspension a well, all in one library. */
export function plate(scene: Scene, graph: BundleGraph): Sequenced {
  const taken = collect(scene, graph);
  const wells = fitting(scene, 1.7);
  const suspensions = Array.from({ length: wells }, (_, i) => suspend(scene, graph, [taken], `well${i}`));
  const files = sequence(scene, graph, suspensions, 2);
  return { suspensions, files };
}

/** Nobody knows whose specimen it was, nor of which organ. */
export function donorless(scene: Scene, graph: BundleGraph): Sequenced {
  const found = specimen(scene, `found ${scene.ordinal}`, { unknown: true });
  const suspensions = [suspend(scene, graph, [found])];
  const files = sequence(scene, graph, suspensions, fitting(scene, fileRoom));
  return { suspensions, files };
}
