import type { Bundle } from '../../../core/model/metadata.ts';
import { type NormalizedBundle, NormalizedBundleBuilder } from '../../../core/model/normalized.ts';
import { refuseDepth, refuseJoiner } from './documents.ts';
import { Emission } from './emission.ts';
import { emitFiles } from './outer-files.ts';
import { emitProject } from './outer-project.ts';
import { emitSamples } from './outer-samples.ts';
import { emitSuspensions } from './outer-suspensions.ts';
import { readBundle } from './read-bundle.ts';

/**
 * Turns a bundle into rows and the relations of its outer entities to them (specification,
 * plugin-hca 2 to 4).
 *
 * @throws LazuliError `bundle_invalid` naming entity and field
 */
export function normalize(bundle: Bundle): NormalizedBundle {
  try {
    const builder = new NormalizedBundleBuilder();
    const emission = new Emission(builder, readBundle(bundle));
    emitFiles(emission);
    emitSuspensions(emission);
    emitSamples(emission);
    emitProject(emission);
    emission.documents.rest();
    const normalized = builder.build();
    refuseJoiner(normalized, bundle.fqid.uuid);
    return normalized;
  } catch (cause) {
    return refuseDepth(cause);
  }
}
