import type { Bundle } from '../../../core/model/bundle.ts';
import { type NormalizedBundle, NormalizedBundleBuilder } from '../../../core/model/normalized.ts';
import { refuseDepth, refuseJoiner } from './emit/documents.ts';
import { Emission } from './emit/emission.ts';
import { emitFiles } from './emit/files.ts';
import { emitProject } from './emit/project.ts';
import { emitSamples } from './emit/samples.ts';
import { emitSuspensions } from './emit/suspensions.ts';
import { readBundle } from './read/bundle.ts';

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
