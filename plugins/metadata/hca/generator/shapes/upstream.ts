import type { BundleGraph } from '../graph.ts';
import { type Scene, sceneOf } from '../scene.ts';
import type { Sequenced } from './material.ts';
import { chained, plain, pooled } from './sequencing.ts';

const kinds = [plain, pooled, chained] as const;

/** Sequences what the scene's bundle sequences: a bundle downstream of it finds the same entities. */
export function sequencedBy(scene: Scene, graph: BundleGraph): Sequenced {
  const kind = kinds[scene.ordinal % kinds.length] ?? plain;
  return kind(scene, graph);
}

/** The two bundles before this one, with a share of the room. */
export function upstreamOf(scene: Scene): readonly Scene[] {
  return [1, 2].map((back) => {
    const ordinal = Math.max(0, scene.ordinal - back);
    return { ...sceneOf(scene.project, ordinal, 0, false), dialect: scene.dialect, room: scene.room * 0.4 };
  });
}
