import type { BundleGraph } from './graph.ts';
import type { Entity, Scene } from './scene.ts';
import { analysed, stitched } from './shapes/analysis.ts';
import { analyses, supplements } from './shapes/contributed.ts';
import { cellLines, mixed, organoids } from './shapes/cultures.ts';
import { imaging, spatial } from './shapes/imaging.ts';
import { legacy } from './shapes/legacy.ts';
import { donorless, plate } from './shapes/sequencing.ts';
import { sequencedBy } from './shapes/upstream.ts';

/** Adds to a bundle's graph, which holds the project already, all that the bundle is about. */
type Shape = (scene: Scene, graph: BundleGraph, project: Entity) => unknown;

/** What kinds of bundles there are in each form of links, the usual ones more often. */
const shapes: Readonly<Record<Scene['dialect']['links'], readonly Shape[]>> = {
  flat: [legacy],
  process: [
    sequencedBy,
    analysed,
    cellLines,
    sequencedBy,
    imaging,
    sequencedBy,
    organoids,
    plate,
    sequencedBy,
    analysed,
    mixed,
    analyses,
  ],
  typed: [
    sequencedBy,
    sequencedBy,
    stitched,
    analyses,
    sequencedBy,
    supplements,
    sequencedBy,
    spatial,
    cellLines,
    stitched,
    mixed,
    sequencedBy,
    donorless,
    imaging,
    organoids,
    sequencedBy,
    plate,
    analysed,
  ],
};

/** Projects begin at different places of the list, so that small ones differ. */
export function shapeOf({ dialect, project, ordinal }: Scene): Shape {
  const list = shapes[dialect.links];
  const shape = list[(ordinal + project.index * 5) % list.length];
  if (shape === undefined) throw new RangeError(`There is no bundle with ${dialect.links} links`);
  return shape;
}
