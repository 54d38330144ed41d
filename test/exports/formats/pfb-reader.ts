import avro from 'avsc';
import { type AvroRecord, type AvroSchema, avroType, branchOf } from '../../../exports/formats/pfb/avro.ts';

/** An entity as PFB has it. */
export interface ReadEntity {
  readonly id: string | null;
  readonly name: string;
  readonly object: Readonly<Record<string, unknown>>;
  readonly relations: readonly { readonly dst_id: string; readonly dst_name: string }[];
}

export interface ReadPfb {
  readonly schema: AvroRecord;
  /** the first one, which is none of the metadata's */
  readonly metadata: ReadEntity;
  readonly entities: readonly ReadEntity[];
}

/** Reads a PFB file with another reader than the one that people use: `avsc`, which takes only names that Avro allows. */
export async function readPfb(file: string): Promise<ReadPfb> {
  let schema: AvroRecord | undefined;
  const parseHook = (found: unknown) => {
    schema = found as AvroRecord;
    return avroType(schema);
  };
  const read: unknown[] = [];
  for await (const value of avro.createFileDecoder(file, { parseHook } as never)) read.push(value);
  if (schema === undefined) throw new Error(`${file} has no schema`);
  const [metadata, ...entities] = read.map((value) => named(schema as AvroRecord, value) as ReadEntity);
  if (metadata === undefined) throw new Error(`${file} is empty`);
  return { schema, metadata, entities };
}

/** A value under the names that the file tells. */
function named(schema: AvroSchema, value: unknown): unknown {
  if (typeof schema === 'string' || value === null) return value;
  if (Array.isArray(schema)) return branch(schema as readonly AvroSchema[], value);
  if ('items' in schema) return (value as unknown[]).map((one) => named(schema.items, one));
  if (!('fields' in schema)) return value;
  const members = value as Readonly<Record<string, unknown>>;
  return Object.fromEntries(schema.fields.map(({ name, type }, i) => [name, named(type, members[`f${i}`])]));
}

/** Where several branches are alike, the library says which one it is. */
function branch(branches: readonly AvroSchema[], value: unknown): unknown {
  const records = branches.filter((one): one is AvroRecord => typeof one === 'object' && 'fields' in one);
  if (typeof value !== 'object' || Array.isArray(value)) {
    const lists = branches.find((one) => typeof one === 'object' && 'items' in one);
    return Array.isArray(value) && lists !== undefined ? named(lists, value) : value;
  }
  const [kind = ''] = Object.keys(value as object);
  const wrapped = (value as Readonly<Record<string, unknown>>)[kind];
  const told = records.find(({ name }) => branchOf(name) === kind);
  if (told !== undefined) return named(told, wrapped);
  const list = branches.find((one) => typeof one === 'object' && 'items' in one);
  if (kind === 'array' && list !== undefined) return named(list, wrapped);
  if (['long', 'double', 'string', 'boolean'].includes(kind)) return wrapped;
  return named(records[0] ?? 'null', value);
}
