import { LazuliError } from '../../../core/config/errors.ts';

/**
 * What is wrong with a bundle, for whoever has its metadata.
 *
 * @param entity `<table>/<row id>`, or what else errors name
 * @param field a path inside of it; empty where the whole is wrong
 */
export function invalid(entity: string, field: string, message: string, remedy: string): LazuliError {
  const place = field === '' ? { entity } : { entity, field };
  return new LazuliError('bundle_invalid', message, { place, remedy });
}

const shown = 60;

/** A value in an error message, cut. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > shown ? `${text.slice(0, shown)}…` : text;
}
