import { z } from 'zod';
import { type DocumentField, showsList } from './fields.ts';
import type { ColumnType } from './metadata.ts';

/**
 * What a document shows of a field, for the documentation of the API: a value or a list of values,
 * any of which may be null.
 */
export function shownField(field: DocumentField): z.ZodType {
  const value = shownValue(field.shownType, field.members).nullable();
  if (!showsList(field)) return value;
  return field.optional ? z.array(value).nullable() : z.array(value);
}

function shownValue(type: ColumnType, members: DocumentField['members']): z.ZodType {
  switch (type) {
    case 'int':
      return z.int();
    case 'float':
      return z.number();
    case 'bool':
      return z.boolean();
    case 'datetime':
      return z.string().meta({ format: 'date-time' });
    case 'quantity':
      return z.object({ value: z.string(), unit: z.string().nullable() });
    case 'range':
      return z.tuple([z.number().nullable(), z.number().nullable()]);
    case 'counts':
      return z.record(z.string(), z.int());
    case 'object':
      return members === undefined ? z.record(z.string(), z.unknown()) : shownObject(members);
    default:
      return z.string();
  }
}

function shownObject(members: Readonly<Record<string, ColumnType>>): z.ZodType {
  const properties = Object.entries(members).map(([name, type]) => [
    name,
    shownValue(type, undefined).nullable().optional(),
  ]);
  return z.object(Object.fromEntries(properties));
}
