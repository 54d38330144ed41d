import { type Data, DataType } from 'apache-arrow';
import type { Bytes } from './bytes.ts';

/** Encodings (parquet-format, `Encoding`). */
export const encodings = { plain: 0, rle: 3, deltaLengthByteArray: 6 } as const;

/** How values of a type are encoded: text so that Arrow's buffer of it can be taken as it is. */
export function encodingOf(type: DataType): number {
  return DataType.isUtf8(type) ? encodings.deltaLengthByteArray : encodings.plain;
}

/**
 * Writes the values that are there.
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

/**
 * Lengths, then all bytes together (parquet-format, DELTA_LENGTH_BYTE_ARRAY). Nulls have no bytes in
 * vectors that we built, and every other value is there once and in order, so the bytes are taken as they are.
 */
function putTexts(bytes: Bytes, { values, valueOffsets, length }: Data, indices: Int32Array | undefined): void {
  const offsets = valueOffsets as Int32Array;
  const lengths = new Int32Array(indices?.length ?? length);
  for (let i = 0; i < lengths.length; i++) {
    const index = indices === undefined ? i : (indices[i] as number);
    lengths[i] = (offsets[index + 1] as number) - (offsets[index] as number);
  }
  putDeltas(bytes, lengths);
  bytes.put((values as Uint8Array).subarray(offsets[0], offsets[length]));
}

const blockSize = 128;
const miniblocks = 4;
const miniblockSize = blockSize / miniblocks;

/** Differences in blocks, each packed in as many bits as it needs (parquet-format, DELTA_BINARY_PACKED). */
function putDeltas(bytes: Bytes, numbers: Int32Array): void {
  for (const value of [blockSize, miniblocks, numbers.length]) bytes.varint(value);
  bytes.zigzag(numbers[0] ?? 0);
  const above = new Uint32Array(blockSize);
  for (let start = 1; start < numbers.length; start += blockSize) {
    putBlock(bytes, numbers.subarray(start - 1, start + blockSize), above);
  }
}

/**
 * Differences above the smallest one of the block; lengths are not negative, so none exceeds 32 bits.
 *
 * @param numbers of the block, after the one before it
 * @param above room for the differences
 */
function putBlock(bytes: Bytes, numbers: Int32Array, above: Uint32Array): void {
  const count = numbers.length - 1;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    const delta = (numbers[i + 1] as number) - (numbers[i] as number);
    above[i] = delta;
    if (delta < least) least = delta;
  }
  for (let i = 0; i < count; i++) above[i] = (above[i] as number) - least;
  above.fill(0, count);
  bytes.zigzag(least);
  const widths: number[] = [];
  for (let start = 0; start < blockSize; start += miniblockSize) widths.push(widthOf(above, start));
  for (const width of widths) bytes.byte(width);
  widths.forEach((width, i) => {
    if (i * miniblockSize < count) putPacked(bytes, above, i * miniblockSize, width);
  });
}

function widthOf(values: Uint32Array, start: number): number {
  let all = 0;
  for (let i = start; i < start + miniblockSize; i++) all |= values[i] as number;
  return 32 - Math.clz32(all);
}

/** Lowest bit first; 32 values fill whole bytes. */
function putPacked(bytes: Bytes, values: Uint32Array, start: number, width: number): void {
  const packed = bytes.zeros((width * miniblockSize) / 8);
  let bit = 0;
  for (let i = start; width > 0 && i < start + miniblockSize; i++) {
    // up to 7 bits that are there and 32 more are beyond what shifts can do
    let rest = (values[i] as number) * (1 << (bit & 7));
    for (let at = bit >> 3; rest > 0; at++) {
      packed[at] = (packed[at] as number) | (rest & 0xff);
      rest = Math.floor(rest / 0x100);
    }
    bit += width;
  }
}
