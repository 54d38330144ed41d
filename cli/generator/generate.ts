import type { BundleFqid } from '../../core/model/metadata.ts';
import { BundleGraph } from './graph.ts';
import { linksOf } from './links.ts';
import { type GeneratorOptions, settle } from './options.ts';
import { type BundlePlan, plansOf } from './plan.ts';
import { projectOf } from './project.ts';
import { sceneOf } from './scene.ts';
import { shapeOf } from './shapes.ts';

/** A version of a bundle with everything that a folder of canned bundles says about it. */
export interface GeneratedBundle {
  /** name of the file, unlike that of any other bundle of the world */
  readonly file: string;
  readonly fqid: BundleFqid;
  /** JSON, as specification plugin-hca 1 describes it */
  readonly text: string;
  /** whether this version is to be deleted afterwards */
  readonly deleted: boolean;
}

/**
 * A world of bundles, project by project, made one at a time: memory doesn't grow with their number.
 * Equal options give equal bytes.
 *
 * @throws LazuliError `usage` naming the option that is out of its range
 */
export function* generateBundles(options: GeneratorOptions): Generator<GeneratedBundle> {
  for (const plan of plansOf(settle(options))) yield generated(plan);
}

function generated(plan: BundlePlan): GeneratedBundle {
  const { fqid, deleted, copy } = plan;
  const file = `${fqid.uuid}.${fqid.version}${copy ? '.copy' : ''}.hca.json`;
  return { file, fqid, text: JSON.stringify(contentsOf(plan)), deleted };
}

function contentsOf({ project, ordinal, version, copy }: BundlePlan): unknown {
  const scene = sceneOf(project, ordinal, version, copy);
  const graph = new BundleGraph();
  const entity = projectOf(scene);
  graph.add(entity);
  shapeOf(scene)(scene, graph, entity);
  return { ...graph.documents(), links: linksOf(graph, scene.dialect), stitched: graph.stitched };
}
