import type { Bundle } from '../../../core/model/bundle.ts';
import type { NormalizedBundle } from '../../../core/model/normalized.ts';
import { Emission } from './emit/emission.ts';
import { invalid } from './invalid.ts';
import { readBundle } from './read/bundle.ts';

/**
 * Turns a bundle into rows and the relations of its outer entities to them (specification, plugin-anvil 3 and 4).
 *
 * @throws LazuliError `bundle_invalid` naming entity and field
 */
export function normalize(bundle: Bundle): NormalizedBundle {
  try {
    return new Emission(readBundle(bundle)).emit();
  } catch (cause) {
    // Deep nesting exhausts the stack when an entity is printed.
    if (!(cause instanceof RangeError)) throw cause;
    const message = 'An entity of the bundle is nested too deeply';
    throw invalid(
      `bundle/${bundle.fqid.uuid}`,
      '',
      message,
      'Remove the nesting: columns hold values and lists of values.',
    );
  }
}
