import { type Data, DataType } from 'apache-arrow';
import type { Bytes } from './bytes.ts';

/** Encodings (parquet-format, `Encoding`). */
export const encodings = { plain: 0, rle: 3, dictionary: 8 } as const;

/**
 * Writes the values that are there, plainly: what only some readers know saves no time, and hardly any bytes after zstd.
 *
 * @param indices of values in the vector, negative ones for none; undefined: all, in order
 */
export function putValues(bytes: Bytes, data: Data, indices: Int32Array | undefined): void {
  const there = indices === undefined ? undefined : existing(indices);
  if (DataType.isUtf8(data.type)) putTexts(bytes, data, there);
  else if (DataType.isBool(data.type)) putBits(bytes, data, there);
  else putNumbers(bytes, data, there);
}

function existing(indices: Int32Array): Int32Array {
  return indices.includes(-1) ? indices.filter(exists) : indices;
}

const exists = (index: number): boolean => index >= 0;

/** Little-endian, as Arrow has them. */
function putNumbers(bytes: Bytes, { values, length }: Data, indices: Int32Array | undefined): void {
  const all = values as Int32Array | BigInt64Array | Float64Array;
  const picked = indices === undefined ? all.subarray(0, length) : all.slice(0, indices.length);
  for (let i = 0; indices !== undefined && i < indices.length; i++) picked[i] = all[indices[i] as number] as never;
  bytes.put(new Uint8Array(picked.buffer, picked.byteOffset, picked.byteLength));
}

/** One bit a value, lowest first. */
function putBits(bytes: Bytes, { values, length }: Data, indices: Int32Array | undefined): void {
  const all = values as Uint8Array;
  if (indices === undefined) {
    bytes.put(all.subarray(0, (length + 7) >> 3));
    return;
  }
  const picked = bytes.zeros((indices.length + 7) >> 3);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    const bit = ((all[index >> 3] as number) >> (index & 7)) & 1;
    picked[i >> 3] = (picked[i >> 3] as number) | (bit << (i & 7));
  }
}

/** Longer ones are copied at once: for a few bytes a call takes longer than they do. */
const shortText = 32;

/** Each one's bytes after their number, as 32 bits. */
function putTexts(bytes: Bytes, { values, valueOffsets, length }: Data, indices: Int32Array | undefined): void {
  const offsets = valueOffsets as Int32Array;
  const count = indices?.length ?? length;
  // Nulls have no bytes in vectors that we built, and every other value is there once.
  const target = bytes.room((offsets[length] as number) - (offsets[0] as number) + 4 * count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const index = indices === undefined ? i : (indices[i] as number);
    const start = offsets[index] as number;
    const size = (offsets[index + 1] as number) - start;
    target[at] = size;
    target[at + 1] = size >> 8;
    target[at + 2] = size >> 16;
    target[at + 3] = size >> 24;
    at = copied(values as Uint8Array, start, size, target, at + 4);
  }
}

/** @returns where the copy ends */
function copied(from: Uint8Array, start: number, size: number, to: Uint8Array, at: number): number {
  if (size > shortText) to.set(from.subarray(start, start + size), at);
  else for (let i = 0; i < size; i++) to[at + i] = from[start + i] as number;
  return at + size;
}
