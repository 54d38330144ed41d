import type { LazuliError } from '../../core/config/errors.ts';
import type { Scalar } from '../../core/documents/filter.ts';
import { heldText } from '../../core/documents/texts.ts';
import { refusal, shown } from '../../core/http/refusal.ts';
import type { ApiField } from '../fields/api-fields.ts';
import { canonicalMoment } from './moments.ts';

/**
 * A value of an `is` relation as the index holds it. Whatever a facet shows as a term is accepted:
 * booleans and numbers as text too.
 *
 * @throws LazuliError `bad_request`
 */
export function scalarValue(field: ApiField, value: unknown): Scalar {
  switch (field.type) {
    case 'int':
    case 'float':
      return numberValue(field, value);
    case 'bool':
      return boolValue(field, value);
    case 'datetime':
      return momentValue(field, value);
    case 'quantity':
      return quantityValue(field, value);
    default:
      if (typeof value === 'string') return heldText(value);
      throw invalid(field, value, 'a string');
  }
}

/** Numbers as text. */
export const decimal = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/;

/** @throws LazuliError `bad_request` */
export function numberValue(field: ApiField, value: unknown): number {
  const number = typeof value === 'string' && decimal.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw invalid(field, value, 'a number');
}

/** @throws LazuliError `bad_request` */
export function momentValue(field: ApiField, value: unknown): string {
  const moment = typeof value === 'string' ? canonicalMoment(value) : undefined;
  if (moment !== undefined) return moment;
  throw invalid(field, value, 'a date and time such as "2021-05-24T12:00:00.000000Z"');
}

function boolValue(field: ApiField, value: unknown): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  throw invalid(field, value, 'true, false or null');
}

/** Specification, service-api 1.7: exactly value and unit; the unit alone may be null. */
function quantityValue(field: ApiField, value: unknown): string {
  const shape = '{"value": "20", "unit": "year"}, where the unit may be null';
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw invalid(field, value, shape);
  const { value: amount, unit, ...others } = value as Record<string, unknown>;
  if (Object.keys(others).length > 0 || !isWord(amount) || !(unit === null || isWord(unit))) {
    throw invalid(field, value, shape);
  }
  return heldText(unit === null ? amount : `${amount} ${unit}`);
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && !value.includes(' ');
}

/** The refusal of a value in the `filters` entry of a field. */
export function invalid(field: ApiField, value: unknown, expected: string): LazuliError {
  return refusal(
    `Invalid value for \`filters\`: ${shown(value)} is not a value of the field \`${field.name}\`.`,
    `Write ${expected}.`,
  );
}
