import { anvil } from '../anvil/assembly.ts';
import type { Model } from '../model.ts';
import { anvilKeys } from './anvil.ts';
import { hcaKeys } from './hca.ts';
import type { KeySearch } from './rows-by-key.ts';

/** How what single bundles need is found. */
export const keySearchOf = (model: Model): KeySearch => (model === anvil ? anvilKeys : hcaKeys);
