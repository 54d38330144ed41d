import { type ErrorPlace, LazuliError } from '../core/config/errors.ts';

/** What a plug-in made of a bundle, and must not: no change of the metadata would help. */
export function faulty(message: string, place: ErrorPlace = {}): LazuliError {
  return new LazuliError('plugin_faulty', message, { place, remedy: 'Correct the metadata plug-in, then redrive.' });
}
