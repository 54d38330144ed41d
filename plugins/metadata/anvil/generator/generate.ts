import type { BundleGenerator, GeneratedBundle } from '../../../../core/model/generator.ts';
import { Assembly, assembleBiosample } from './assembly.ts';
import { type BundlePlan, plansOf, sourcesOf } from './plan.ts';
import { biosampleOf, bundleVersion, datasetOf, fileOf, studyOf } from './rows.ts';

/** Bundles of some snapshots, one snapshot after the other. */
export const generator: BundleGenerator = {
  sources: sourcesOf,
  *bundles(options) {
    for (const plan of plansOf(options)) yield generated(plan);
  },
};

function generated(plan: BundlePlan): GeneratedBundle {
  const { key, contents } = assembled(plan);
  const uuid = bundleUuid(key);
  const fqid = { source: plan.snapshot.source, uuid, version: bundleVersion };
  return { file: `${uuid}.tdr.anvil.json`, fqid, text: JSON.stringify(contents), deleted: plan.deleted };
}

/** Of the root's row id with another version, so that bundles have no ids of rows (specification, plugin-anvil 1). */
const bundleUuid = (key: string): string => key.slice(key.indexOf('/') + 1).replace(/^(.{14})4/, '$1a');

function assembled({ snapshot, root, number }: BundlePlan) {
  const assembly = new Assembly();
  const dataset = datasetOf(snapshot);
  if (root === 'dataset') {
    const description = `What ${studyOf(snapshot).name} is about, as it is registered.`;
    assembly.add({ ...dataset, contents: { description, version: bundleVersion } });
    return { key: dataset.key, contents: assembly.contents() };
  }
  if (root === 'file') {
    const file = fileOf(snapshot, `supplementary.${number}`, '.txt', true);
    assembly.link([dataset], null, [file]);
    return { key: file.key, contents: assembly.contents() };
  }
  assembleBiosample(snapshot, number, assembly);
  return { key: biosampleOf(snapshot, number).key, contents: assembly.contents() };
}
