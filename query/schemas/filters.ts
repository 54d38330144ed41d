import { z } from 'zod';
import { accessibleField } from '../../core/model/envelope.ts';
import type { ColumnType } from '../../core/model/metadata.ts';
import type { ApiField, EntityFields, FieldType } from '../fields/api-fields.ts';
import { allowedRelations } from '../filter/parse.ts';
import { decimal } from '../filter/values.ts';

const word = z.string().regex(/^[^ ]+$/);
const text = z.string();
const number = z.union([z.number(), z.string().regex(decimal)]);
const bool = z.union([z.boolean(), z.enum(['true', 'false'])]);
const moment = z.string().meta({ examples: ['2021-05-24T12:00:00.000000Z'] });
const quantity = z.strictObject({ value: word, unit: word.nullable() });

/** A value that is not null, by the type of its field. */
const values = {
  string: text,
  int: number,
  float: number,
  bool,
  datetime: moment,
  quantity,
} as const satisfies Partial<Record<FieldType, z.ZodType>>;

/** Both ends belong to the range; one of them may be open. */
const pairOf = (end: z.ZodType) =>
  z
    .tuple([end.nullable(), end.nullable()])
    .meta({ description: 'From and to, which both belong to it. Null is open.' });

const is = (value: z.ZodType) => z.array(value.nullable());

/** What the relations of a type take. */
const lists = {
  string: { is: is(values.string) },
  int: { is: is(values.int), within: z.array(pairOf(number)) },
  float: { is: is(values.float), within: z.array(pairOf(number)) },
  bool: { is: is(values.bool) },
  datetime: { is: is(values.datetime), within: z.array(pairOf(moment)) },
  quantity: { is: is(values.quantity) },
  range: {
    is: z.array(z.null()),
    contains: z.array(z.union([pairOf(number), number])),
    within: z.array(pairOf(number)),
    intersects: z.array(pairOf(number)),
  },
} as const satisfies Partial<Record<FieldType, Readonly<Record<string, z.ZodType>>>>;

const entries = new Map<FieldType, z.ZodType>();

/**
 * Filters on the fields of a catalog (specification, query-semantics 2), as documentation. The code that parses filters
 * has more exact messages; a test compares the two.
 */
export function filtersSchema(fields: EntityFields, id: string): z.ZodType {
  const named = [...fields.byName.values()].map((field) => [field.name, entryOf(field).optional()] as const);
  return z
    .strictObject({
      ...Object.fromEntries(named),
      [fields.sourceId]: z.strictObject({ is: z.array(text) }).optional(),
      [accessibleField]: z.strictObject({ is: z.array(bool) }).optional(),
    })
    .meta({ id, description: 'Conditions that all hold: of each field one relation with its values.' });
}

/** A relation and its values. Fields of one type share it. */
function entryOf(field: ApiField): z.ZodType {
  if (field.type === 'object') return z.strictObject({ is: is(objectOf(field)) });
  const known = entries.get(field.type);
  if (known !== undefined) return known;
  const options = allowedRelations(field).flatMap((relation) => {
    const list = relationsOf(field.type)[relation];
    return list === undefined ? [] : [z.strictObject({ [relation]: list })];
  });
  const entry = z.union(options).meta({ id: `${capital(field.type)}Filter` });
  entries.set(field.type, entry);
  return entry;
}

const relationsOf = (type: keyof typeof lists | 'object'): Readonly<Record<string, z.ZodType>> =>
  type === 'object' ? {} : lists[type];

/** Some properties of one object, or the term that the facet shows for it. */
function objectOf({ members, facet }: ApiField): z.ZodType {
  const properties = Object.entries(members).map(([name, type]) => [name, memberOf(type)] as const);
  const object = z.strictObject(Object.fromEntries(properties));
  return facet ? z.union([object, text]) : object;
}

function memberOf(type: ColumnType): z.ZodType {
  const value = type in values ? values[type as keyof typeof values] : z.null();
  return value.nullable().optional();
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);
