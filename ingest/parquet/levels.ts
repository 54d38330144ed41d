import { type Data, DataType, type Field } from 'apache-arrow';
import { listGroup } from './schema.ts';
import { putVarint } from './thrift.ts';

/**
 * Where the values of a column stand in its rows. Of each level of nesting, one slot for a value, a
 * null or an empty list (the paper on Dremel tells how definition and repetition levels work).
 */
interface Slots {
  /** of the values in the Arrow vector; -1 where there is none; undefined: all, in order */
  readonly indices: Int32Array | undefined;
  /** how many of the optional and repeated levels above are there; undefined: all of them */
  readonly definitions: Uint8Array | undefined;
  /** at which level a slot repeats; undefined where nothing repeats */
  readonly repetitions: Uint8Array | undefined;
  readonly length: number;
}

/** A column of a Parquet file: values of one physical type, with the levels that say where they stand. */
export interface Leaf {
  readonly path: readonly string[];
  readonly data: Data;
  readonly slots: Slots;
  readonly maxDefinition: number;
  readonly maxRepetition: number;
}

type Above = Omit<Leaf, 'data'>;

/** The leaves below a field of a record batch, in the order of the schema. */
export function leavesOf(field: Field, data: Data): Leaf[] {
  const slots = { indices: undefined, definitions: undefined, repetitions: undefined, length: data.length };
  return leaves(field, data, { path: [], slots, maxDefinition: 0, maxRepetition: 0 });
}

function leaves(field: Field, data: Data, above: Above): Leaf[] {
  const here = field.nullable ? optional(data, above) : above;
  const path = [...above.path, field.name];
  const { type } = field;
  if (DataType.isList(type)) {
    const inside = { ...repeated(data, here), path: [...path, listGroup] };
    return type.children.flatMap((child, i) => leaves(child, data.children[i] as Data, inside));
  }
  if (DataType.isStruct(type)) {
    return type.children.flatMap((child, i) => leaves(child, data.children[i] as Data, { ...here, path }));
  }
  return [{ ...here, path, data }];
}

/** Nulls end here. */
function optional(data: Data, above: Above): Above {
  const maxDefinition = above.maxDefinition + 1;
  const { slots } = above;
  if (data.nullCount === 0 && slots.definitions === undefined) return { ...above, maxDefinition };
  const definitions = new Uint8Array(slots.length);
  const indices = new Int32Array(slots.length);
  const valid = data.nullBitmap;
  for (let slot = 0; slot < slots.length; slot++) {
    const index = slots.indices === undefined ? slot : (slots.indices[slot] as number);
    const there = index >= 0 && (data.nullCount === 0 || (((valid[index >> 3] as number) >> (index & 7)) & 1) === 1);
    indices[slot] = there ? index : -1;
    definitions[slot] = index < 0 ? (slots.definitions?.[slot] as number) : above.maxDefinition + (there ? 1 : 0);
  }
  return { ...above, maxDefinition, slots: { ...slots, indices, definitions } };
}

/** Every element of a list gets a slot, and an empty list one. */
function repeated(data: Data, above: Above): Above {
  const { slots, maxDefinition } = above;
  const maxRepetition = above.maxRepetition + 1;
  const offsets = data.valueOffsets as Int32Array;
  const indices: number[] = [];
  const definitions: number[] = [];
  const repetitions: number[] = [];
  for (let slot = 0; slot < slots.length; slot++) {
    const index = slots.indices === undefined ? slot : (slots.indices[slot] as number);
    const start = index < 0 ? 0 : (offsets[index] as number);
    const end = index < 0 ? 0 : (offsets[index + 1] as number);
    const outer = slots.repetitions?.[slot] ?? 0;
    if (start === end) {
      indices.push(-1);
      definitions.push(index < 0 ? (slots.definitions?.[slot] as number) : maxDefinition);
      repetitions.push(outer);
    }
    for (let element = start; element < end; element++) {
      indices.push(element);
      definitions.push(maxDefinition + 1);
      repetitions.push(element === start ? outer : maxRepetition);
    }
  }
  return {
    path: above.path,
    maxDefinition: maxDefinition + 1,
    maxRepetition,
    slots: {
      indices: Int32Array.from(indices),
      definitions: Uint8Array.from(definitions),
      repetitions: Uint8Array.from(repetitions),
      length: indices.length,
    },
  };
}

/**
 * Levels as a page has them: length, then one run, of equal levels or packed bits (parquet-format,
 * run length encoding and bit-packing hybrid). Nothing where only one level is possible.
 *
 * @param levels undefined where all are the highest
 */
export function encodedLevels(levels: Uint8Array | undefined, max: number, length: number): Uint8Array {
  if (max === 0) return new Uint8Array(0);
  const first = levels?.[0] ?? max;
  const run = levels === undefined || levels.every((level) => level === first);
  const body = run ? equalRun(first, length) : packed(levels, 32 - Math.clz32(max));
  const bytes = Buffer.allocUnsafe(4 + body.length);
  bytes.writeUInt32LE(body.length);
  bytes.set(body, 4);
  return bytes;
}

function equalRun(level: number, length: number): Uint8Array {
  const bytes: number[] = [];
  putVarint(bytes, length * 2);
  bytes.push(level);
  return Uint8Array.from(bytes);
}

/** In groups of eight levels, lowest bit first; a width of at most 8 bits. */
function packed(levels: Uint8Array, width: number): Uint8Array {
  const groups = Math.ceil(levels.length / 8);
  const header: number[] = [];
  putVarint(header, groups * 2 + 1);
  const bytes = new Uint8Array(header.length + groups * width);
  bytes.set(header);
  let bit = header.length * 8;
  for (const level of levels) {
    const shifted = level << (bit & 7);
    const at = bit >> 3;
    bytes[at] = (bytes[at] as number) | (shifted & 0xff);
    if (shifted > 0xff) bytes[at + 1] = shifted >> 8;
    bit += width;
  }
  return bytes;
}
