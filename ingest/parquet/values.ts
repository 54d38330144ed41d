import { type Data, DataType } from 'apache-arrow';
import { putVarint, zigzag } from './thrift.ts';

/** Encodings (parquet-format, `Encoding`). */
export const encodings = { plain: 0, rle: 3, deltaLengthByteArray: 6 } as const;

/** How values of a type are encoded: text so that Arrow's buffer of it can be taken as it is. */
export function encodingOf(type: DataType): number {
  return DataType.isUtf8(type) ? encodings.deltaLengthByteArray : encodings.plain;
}

/**
 * The values that are there, in parts to be written one after the other.
 *
 * @param indices of values in the vector, negative ones for none; undefined: all, in order
 */
export function encodedValues(data: Data, indices: Int32Array | undefined): readonly Uint8Array[] {
  const there = indices === undefined ? undefined : existing(indices);
  if (DataType.isUtf8(data.type)) return texts(data, there);
  if (DataType.isBool(data.type)) return [bits(data, there)];
  return [numbers(data, there)];
}

function existing(indices: Int32Array): Int32Array {
  const there = new Int32Array(indices.length);
  let count = 0;
  for (const index of indices) if (index >= 0) there[count++] = index;
  return there.subarray(0, count);
}

/** Little-endian, as Arrow has them. */
function numbers({ values, length }: Data, indices: Int32Array | undefined): Uint8Array {
  const all = values as Int32Array | BigInt64Array | Float64Array;
  const picked = indices === undefined ? all.subarray(0, length) : all.slice(0, indices.length);
  for (let i = 0; indices !== undefined && i < indices.length; i++) picked[i] = all[indices[i] as number] as never;
  return new Uint8Array(picked.buffer, picked.byteOffset, picked.byteLength);
}

/** One bit a value, lowest first. */
function bits({ values, length }: Data, indices: Int32Array | undefined): Uint8Array {
  const all = values as Uint8Array;
  if (indices === undefined) return all.subarray(0, (length + 7) >> 3);
  const picked = new Uint8Array((indices.length + 7) >> 3);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    const bit = ((all[index >> 3] as number) >> (index & 7)) & 1;
    picked[i >> 3] = (picked[i >> 3] as number) | (bit << (i & 7));
  }
  return picked;
}

/**
 * Lengths, then all bytes together (parquet-format, DELTA_LENGTH_BYTE_ARRAY). Nulls have no bytes in
 * vectors that we built, and every other value is there once and in order, so the bytes need no copying.
 */
function texts({ values, valueOffsets, length }: Data, indices: Int32Array | undefined): readonly Uint8Array[] {
  const offsets = valueOffsets as Int32Array;
  const lengths = new Int32Array(indices?.length ?? length);
  for (let i = 0; i < lengths.length; i++) {
    const index = indices === undefined ? i : (indices[i] as number);
    lengths[i] = (offsets[index + 1] as number) - (offsets[index] as number);
  }
  return [deltas(lengths), (values as Uint8Array).subarray(offsets[0], offsets[length])];
}

const blockSize = 128;
const miniblocks = 4;
const miniblockSize = blockSize / miniblocks;

/** Differences in blocks, each packed in as many bits as it needs (parquet-format, DELTA_BINARY_PACKED). */
function deltas(numbers: Int32Array): Uint8Array {
  const bytes: number[] = [];
  for (const value of [blockSize, miniblocks, numbers.length]) putVarint(bytes, value);
  putVarint(bytes, zigzag(numbers[0] ?? 0));
  for (let start = 1; start < numbers.length; start += blockSize) {
    putBlock(bytes, numbers, start, Math.min(start + blockSize, numbers.length));
  }
  return Uint8Array.from(bytes);
}

/** Differences above the smallest one of the block; lengths are not negative, so none exceeds 32 bits. */
function putBlock(bytes: number[], numbers: Int32Array, start: number, end: number): void {
  const above = new Float64Array(blockSize);
  let least = Number.POSITIVE_INFINITY;
  for (let i = start; i < end; i++) {
    const delta = (numbers[i] as number) - (numbers[i - 1] as number);
    above[i - start] = delta;
    least = Math.min(least, delta);
  }
  for (let i = 0; i < end - start; i++) above[i] = (above[i] as number) - least;
  putVarint(bytes, zigzag(least));
  const widths = Array.from({ length: miniblocks }, (_, i) => widthOf(above, i * miniblockSize));
  bytes.push(...widths);
  widths.forEach((width, i) => {
    if (start + i * miniblockSize < end) putPacked(bytes, above, i * miniblockSize, width);
  });
}

function widthOf(values: Float64Array, start: number): number {
  let max = 0;
  for (let i = start; i < start + miniblockSize; i++) max = Math.max(max, values[i] as number);
  return 32 - Math.clz32(max);
}

/** Lowest bit first; 32 values fill whole bytes. */
function putPacked(bytes: number[], values: Float64Array, start: number, width: number): void {
  let rest = 0;
  let held = 0;
  for (let i = start; i < start + miniblockSize; i++) {
    rest += (values[i] as number) * 2 ** held;
    held += width;
    while (held >= 8) {
      bytes.push(rest & 0xff);
      rest = Math.floor(rest / 0x100);
      held -= 8;
    }
  }
}
