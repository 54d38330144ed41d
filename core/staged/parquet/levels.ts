import { type Data, DataType, type Field } from 'apache-arrow';
import type { Bytes } from './bytes.ts';
import { listGroup } from './schema.ts';

/**
 * Where the values of a column stand in its rows. Of each level of nesting, one slot for a value, a
 * null or an empty list (the paper on Dremel tells how definition and repetition levels work).
 */
interface Slots {
  /** of the values in the Arrow vector; -1, or nothing, where there is none; undefined: all, in order */
  readonly indices: Int32Array | undefined;
  /** how many of the optional and repeated levels above are there; undefined: all of them */
  readonly definitions: Uint8Array | undefined;
  /** at which level a slot repeats; undefined where nothing repeats */
  readonly repetitions: Uint8Array | undefined;
  /** in place of definitions: a bit for each slot, where the column's own nulls are all that isn't there */
  readonly valid?: Uint8Array;
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
  const path = [...above.path, field.name];
  const { type } = field;
  if (above.maxDefinition === 0 && data.nullCount > 0 && data.children.length === 0) {
    return [{ ...above, path, data, slots: flat(data), maxDefinition: 1 }];
  }
  const here = field.nullable ? optional(data, above) : above;
  if (DataType.isList(type)) {
    const inside = { ...repeated(data, here), path: [...path, listGroup] };
    return type.children.flatMap((child, i) => leaves(child, data.children[i] as Data, inside));
  }
  if (DataType.isStruct(type)) {
    return type.children.flatMap((child, i) => leaves(child, data.children[i] as Data, { ...here, path }));
  }
  return [{ ...here, path, data }];
}

/** Of a column with nulls that is in no list and no struct, as most are. */
function flat({ nullBitmap: valid, nullCount, length }: Data): Slots {
  const indices = new Int32Array(length - nullCount);
  let found = 0;
  for (let i = 0; i < length; i++) if (((valid[i >> 3] as number) >> (i & 7)) & 1) indices[found++] = i;
  return { indices, definitions: undefined, repetitions: undefined, valid, length };
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
  const length = elementSlots(offsets, slots);
  const indices = new Int32Array(length);
  const definitions = new Uint8Array(length);
  const repetitions = new Uint8Array(length);
  let at = 0;
  for (let slot = 0; slot < slots.length; slot++) {
    const index = slots.indices === undefined ? slot : (slots.indices[slot] as number);
    const start = index < 0 ? 0 : (offsets[index] as number);
    const end = index < 0 ? 0 : (offsets[index + 1] as number);
    repetitions[at] = slots.repetitions?.[slot] ?? 0;
    if (start === end) {
      indices[at] = -1;
      definitions[at++] = index < 0 ? (slots.definitions?.[slot] as number) : maxDefinition;
    }
    for (let element = start; element < end; element++) {
      indices[at] = element;
      definitions[at] = maxDefinition + 1;
      if (element > start) repetitions[at] = maxRepetition;
      at++;
    }
  }
  return {
    path: above.path,
    maxDefinition: maxDefinition + 1,
    maxRepetition,
    slots: { indices, definitions, repetitions, length },
  };
}

function elementSlots(offsets: Int32Array, { indices, length }: Slots): number {
  let count = 0;
  for (let slot = 0; slot < length; slot++) {
    const index = indices === undefined ? slot : (indices[slot] as number);
    count += index < 0 ? 1 : Math.max(1, (offsets[index + 1] as number) - (offsets[index] as number));
  }
  return count;
}

/**
 * Writes the levels of a page, first repetitions, then definitions; nothing where only one level is possible.
 * Of each length, then one run, of equal levels or packed bits (parquet-format, run length encoding and
 * bit-packing hybrid).
 */
export function putLevels(bytes: Bytes, { slots, maxDefinition, maxRepetition }: Leaf): void {
  const { definitions, repetitions, valid, length } = slots;
  if (maxRepetition > 0) bytes.sized(() => putRun(bytes, repetitions, maxRepetition, length));
  if (maxDefinition === 0) return;
  if (valid === undefined) bytes.sized(() => putRun(bytes, definitions, maxDefinition, length));
  else bytes.sized(() => putValidity(bytes, valid));
}

/** @param levels undefined where all are the highest */
function putRun(bytes: Bytes, levels: Uint8Array | undefined, max: number, length: number): void {
  const first = levels?.[0] ?? max;
  if (levels === undefined || areAll(levels, first)) {
    bytes.varint(length * 2);
    bytes.byte(first);
  } else putPacked(bytes, levels, 32 - Math.clz32(max));
}

function areAll(levels: Uint8Array, value: number): boolean {
  for (const level of levels) if (level !== value) return false;
  return true;
}

/** In groups of eight levels, lowest bit first; a width of at most 8 bits. */
function putPacked(bytes: Bytes, levels: Uint8Array, width: number): void {
  const groups = Math.ceil(levels.length / 8);
  bytes.varint(groups * 2 + 1);
  const packed = bytes.zeros(groups * width);
  let bit = 0;
  for (const level of levels) {
    const shifted = level << (bit & 7);
    const at = bit >> 3;
    packed[at] = (packed[at] as number) | (shifted & 0xff);
    if (shifted > 0xff) packed[at + 1] = shifted >> 8;
    bit += width;
  }
}

/** Arrow's bitmap is what levels of one bit are. */
function putValidity(bytes: Bytes, valid: Uint8Array): void {
  bytes.varint(valid.length * 2 + 1);
  bytes.put(valid);
}
