import { imagedSpecimen } from '../biomaterials.ts';
import { fileOf } from '../files.ts';
import type { BundleGraph } from '../graph.ts';
import { processOf } from '../processes.ts';
import { imaging as imagingProtocol, libraryPreparation, otherProtocol, sequencing, unprobed } from '../protocols.ts';
import { type Entity, fitting, type Scene } from '../scene.ts';
import { contents } from '../vocabulary.ts';
import { collect, fileRoom, sequenceFile } from './material.ts';

function section(scene: Scene, graph: BundleGraph): Entity {
  const taken = collect(scene, graph);
  const cut = imagedSpecimen(scene, scene.ordinal, { from: taken });
  const protocols = [otherProtocol(scene, 'imaging_preparation_protocol')];
  graph.step({ process: processOf(scene, `cut ${scene.ordinal}`), inputs: [taken], outputs: [cut], protocols });
  return cut;
}

function image(scene: Scene, index: number): Entity {
  return fileOf(scene, 'image_file', {
    key: `${scene.ordinal} tile ${index}`,
    name: `tile_${index}_f\u00e9 \u{1f52c}.ome.tiff`,
    format: 'tiff',
    ...(scene.ordinal % 2 === 0 ? { contents: [contents.image] } : {}),
  });
}

/** specimen → section → images by probes; there is no suspension */
export function imaging(scene: Scene, graph: BundleGraph): void {
  const probes = fitting(scene, 0.3, 0.3);
  graph.step({
    process: processOf(scene, `image ${scene.ordinal}`),
    inputs: [section(scene, graph)],
    outputs: Array.from({ length: fitting(scene, fileRoom, 0.75) }, (_, i) => image(scene, i)),
    protocols: [imagingProtocol(scene, probes), unprobed(scene)],
  });
}

/** A section that is both imaged and sequenced: a sequencing input that is neither sample nor suspension. */
export function spatial(scene: Scene, graph: BundleGraph): void {
  const cut = section(scene, graph);
  const protocols = [libraryPreparation(scene, 3), sequencing(scene, 3), unprobed(scene)];
  const files = Array.from({ length: fitting(scene, fileRoom, 0.9) }, (_, i) => sequenceFile(scene, 'spot', i));
  graph.step({
    process: processOf(scene, `sequence spots ${scene.ordinal}`),
    inputs: [cut],
    outputs: [image(scene, 0), ...files],
    protocols,
  });
}
