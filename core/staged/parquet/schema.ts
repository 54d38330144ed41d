import { DataType, type Field, type Schema } from 'apache-arrow';
import { binary, encoded, i32, list, struct, type Thrift } from './thrift.ts';

/** Physical types (parquet-format, `Type`). */
export const physical = { boolean: 0, int32: 1, int64: 2, double: 5, bytes: 6 } as const;

const repetition = { required: 0, optional: 1, repeated: 2 } as const;
const utf8Text = { 6: i32(0), 10: struct({ 1: struct({}) }) };
const listOfElements = { 6: i32(3), 10: struct({ 3: struct({}) }) };

/**
 * The elements of a file's schema, depth first, beginning with the root (parquet-format, `SchemaElement`). Kept:
 * in small files they would be most of the work.
 */
export function schemaElements(schema: Schema): Thrift {
  const known = elementsBySchema.get(schema);
  if (known !== undefined) return known;
  const root = struct({ 4: binary('schema'), 5: i32(schema.fields.length) });
  const elements = encoded(list('struct', [root, ...schema.fields.flatMap(elementsOf)]));
  elementsBySchema.set(schema, elements);
  return elements;
}

const elementsBySchema = new WeakMap<Schema, Thrift>();

/** Lists have the three levels that the format asks for. */
function elementsOf({ name, type, nullable }: Field): Thrift[] {
  const common = { 3: i32(nullable ? repetition.optional : repetition.required), 4: binary(name) };
  if (DataType.isList(type)) {
    const group = struct({ ...common, 5: i32(1), ...listOfElements });
    const repeated = struct({ 3: i32(repetition.repeated), 4: binary(listGroup), 5: i32(1) });
    return [group, repeated, ...type.children.flatMap(elementsOf)];
  }
  if (DataType.isStruct(type)) {
    return [struct({ ...common, 5: i32(type.children.length) }), ...type.children.flatMap(elementsOf)];
  }
  return [struct({ 1: i32(physicalType(type)), ...common, ...(DataType.isUtf8(type) ? utf8Text : {}) })];
}

/** Name of the group between a list and its element. */
export const listGroup = 'list';

/** How values of a type that has no children are written. */
export function physicalType(type: DataType): number {
  if (DataType.isUtf8(type)) return physical.bytes;
  if (DataType.isInt(type)) return type.bitWidth === 64 ? physical.int64 : physical.int32;
  if (DataType.isFloat(type)) return physical.double;
  if (DataType.isBool(type)) return physical.boolean;
  throw new Error(`Staged batches have no columns of type ${type}`);
}
