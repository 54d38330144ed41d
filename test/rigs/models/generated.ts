import {
  type BundleGenerator,
  type GeneratedBundle,
  type GeneratorOptions,
  settle,
} from '../../../core/model/generator.ts';
import { generator as anvilGenerator } from '../../../plugins/metadata/anvil/generator/generate.ts';
import { generator as hcaGenerator } from '../../../plugins/metadata/hca/generator/generate.ts';

/** The bundles of options that leave some out. @throws LazuliError `usage` naming the option that is out of its range */
export const generateBundles = (options: GeneratorOptions) => generated(hcaGenerator, options);
export const generateAnvil = (options: GeneratorOptions) => generated(anvilGenerator, options);

function* generated(generator: BundleGenerator, options: GeneratorOptions): Generator<GeneratedBundle> {
  yield* generator.bundles(settle(options));
}
