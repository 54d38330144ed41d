import { idColumn, type RoleField, roleFields } from '../../../core/model/fields.ts';
import type { PfbMember, PfbShape } from '../../../core/model/manifests.ts';
import type { ColumnType } from '../../../core/model/metadata.ts';
import { type Selection, shapeOf } from '../format.ts';
import type { AvroField, AvroRecord, AvroSchema, Encodable } from './avro.ts';

type Members = Readonly<Record<string, unknown>>;

/** A table of a PFB file for Terra: a role. */
export interface PfbTable {
  readonly name: string;
  readonly schema: AvroRecord;
  /** An inner entity, in natural JSON, as Avro encodes it. */
  encode(entity: Members): Encodable;
}

/** How a value of a field is told. */
interface Told {
  readonly type: AvroSchema;
  readonly logicalType?: string;
  /** @param value undefined where the entity doesn't have the field */
  encode(value: unknown): unknown;
}

/** Tables in the order of declaration (specification, manifests 7.2). @throws TypeError where there are none */
export function pfbTables(selection: Selection): readonly PfbTable[] {
  const { pfb, file } = shapeOf(selection);
  if (pfb === undefined) throw new TypeError(`Metadata plug-in '${selection.plugin.name}' declares no tables of PFB`);
  return Object.entries(pfb.tables).flatMap(([role, names]) => {
    if (names === null) return [];
    const fields = new Map(roleFields(selection.plugin, role).map((field) => [field.name, field]));
    const columns = names.map((name) => {
      const field = fields.get(name) ?? unknown(role, name);
      const isScalar = pfb.scalars.includes(pathOf(field)) || (role === file.role && !field.list);
      return [name, fieldTold(field, pfb, isScalar)] as const;
    });
    const id = fieldTold(fields.get(idColumn) ?? unknown(role, idColumn), pfb, role === file.role);
    const { schema, encode } = objectTold(role, [...columns, ...handedOver(pfb, id)]);
    return [{ name: role, schema, encode }];
  });
}

function handedOver({ handOver }: PfbShape, id: Told): readonly (readonly [string, Told])[] {
  return handOver === undefined
    ? []
    : [
        [handOver.rowIds, id],
        [handOver.source, scalar('string')],
      ];
}

function unknown(role: string, name: string): never {
  throw new TypeError(`Tables of PFB show '${role}.${name}', which no document has`);
}

const pathOf = ({ role, name }: RoleField): string => `${role}.${name}`;

/** An object as a record, whose fields bear its name as their namespace. */
function objectTold(name: string, fields: readonly (readonly [string, Told])[]) {
  const schema: AvroRecord = {
    type: 'record',
    name,
    fields: fields.map(([field, { type, logicalType }]): AvroField => {
      return { namespace: name, ...(logicalType === undefined ? {} : { logicalType }), name: field, type };
    }),
  };
  const encode = (object: Members): Encodable => {
    const encoded: Record<string, unknown> = {};
    fields.forEach(([field, told], i) => {
      encoded[`f${i}`] = told.encode(object[field]);
    });
    return encoded;
  };
  return { schema, encode };
}

function fieldTold(field: RoleField, pfb: PfbShape, isScalar: boolean): Told {
  const path = pathOf(field);
  if (pfb.uuids.includes(path)) return uuid;
  const type = typeOf(field);
  switch (type) {
    case 'counts':
      throw new TypeError(`Tables of PFB show '${path}', but have nothing for counts`);
    case 'range':
      return ranges;
    case 'quantity':
      return quantities(path);
    case 'object':
      return objects(path, field, pfb.objects[path] ?? {});
    default:
      return isScalar ? scalar(avroTypes[type]) : list(avroTypes[type]);
  }
}

const avroTypes = { string: 'string', datetime: 'string', int: 'long', float: 'double', bool: 'boolean' } as const;

/** Of the value that a role has of a field, however it comes about. */
function typeOf({ type, aggregate: { kind } }: RoleField): ColumnType {
  return kind === 'count' || kind === 'unique_count' ? 'int' : type;
}

const uuid: Told = { type: ['string'], logicalType: 'UUID', encode: (value) => String(value ?? '') };

const scalar = (type: AvroSchema): Told => ({ type: ['null', type], encode: (value) => value ?? null });

const list = (type: AvroSchema): Told => ({
  type: { type: 'array', items: ['null', type] },
  encode: (value) => (Array.isArray(value) ? value : [value ?? null]),
});

/** Avro has no null here: an end that is open is infinite. */
const ranges: Told = {
  type: { type: 'array', items: { type: 'array', items: 'double' } },
  encode: (value) =>
    filled(value).map((range) => {
      const [low, high] = range as readonly [number | null, number | null];
      return [low ?? Number.NEGATIVE_INFINITY, high ?? Number.POSITIVE_INFINITY];
    }),
};

function quantities(path: string): Told {
  const { schema, encode } = objectTold(path, [
    ['value', scalar('string')],
    ['unit', scalar('string')],
  ]);
  return {
    type: { type: 'array', items: ['null', schema] },
    encode: (value) =>
      (Array.isArray(value) ? value : [value ?? null]).map((one) => (one === null ? null : encode(one as Members))),
  };
}

/** @param declared members of an object of which the table declares none */
function objects(path: string, { members }: RoleField, declared: Readonly<Record<string, PfbMember>>): Told {
  const { schema, encode } = objectTold(path, members === undefined ? declaredMembers(declared) : ownMembers(members));
  const type: AvroSchema = { type: 'array', items: schema };
  return { type, encode: (value) => filled(value).map((one) => encode(one as Members)) };
}

function ownMembers(members: NonNullable<RoleField['members']>) {
  return Object.entries(members).map(
    ([name, type]) => [name, scalar(avroTypes[type as keyof typeof avroTypes] ?? 'string')] as const,
  );
}

function declaredMembers(members: Readonly<Record<string, PfbMember>>) {
  return Object.entries(members).map(([name, type]) => [name, type === 'uuid' ? uuid : list(type)] as const);
}

/** Elements that aren't null. */
const filled = (value: unknown): readonly unknown[] =>
  (Array.isArray(value) ? value : [value]).filter((one) => one !== null && one !== undefined);
