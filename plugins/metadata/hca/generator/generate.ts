import type { BundleGenerator, GeneratedBundle } from '../../../../core/model/generator.ts';
import { BundleGraph } from './graph.ts';
import { linksOf } from './links.ts';
import { type BundlePlan, plansOf, sourcesOf } from './plan.ts';
import { projectOf } from './project.ts';
import { sceneOf } from './scene.ts';
import { shapeOf } from './shapes.ts';

/** A world of bundles, project by project. */
export const generator: BundleGenerator = {
  sources: sourcesOf,
  *bundles(options) {
    for (const plan of plansOf(options)) yield generated(plan);
  },
};

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
