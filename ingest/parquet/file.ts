import { constants, zstdCompressSync } from 'node:zlib';
import type { Data, RecordBatch } from 'apache-arrow';
import { encodedLevels, type Leaf, leavesOf } from './levels.ts';
import { physicalType, schemaElements } from './schema.ts';
import { binary, encodeThrift, i32, i64, list, struct, type Thrift } from './thrift.ts';
import { encodedValues, encodingOf, encodings } from './values.ts';

const magic = Buffer.from('PAR1', 'ascii');
const codecs = { none: 0, zstd: 6 } as const;
/** Pages of fewer bytes aren't worth a call. */
const minCompressed = 256;
const minChunk = 64;

/**
 * A record batch, of at least one row, as a Parquet file (parquet-format 2.x): one row group, one page a column, zstd. Files
 * are small and read as a whole: dictionaries and statistics would cost more time than they save,
 * and after zstd no bytes either.
 *
 * Written by hand, because the writers that there are cost three times as much, of which two thirds are
 * their own zstd and copies from format to format.
 */
export function toParquet(batch: RecordBatch): Uint8Array {
  const { fields } = batch.schema;
  const leaves = fields.flatMap((field, i) => leavesOf(field, batch.data.children[i] as Data));
  const parts: Uint8Array[] = [magic];
  let position = magic.length;
  const columns = leaves.map((leaf) => {
    const { header, body, size, compressed } = page(leaf);
    parts.push(header, body);
    const chunk = { offset: position, size: header.length + size, stored: header.length + body.length, compressed };
    position += chunk.stored;
    return columnChunk(leaf, chunk);
  });
  const footer = fileMetadata(batch, columns, position - magic.length);
  return Buffer.concat([...parts, footer, uint32(footer.length), magic]);
}

function page(leaf: Leaf) {
  const { slots, data, maxDefinition, maxRepetition } = leaf;
  const plain = Buffer.concat([
    encodedLevels(slots.repetitions, maxRepetition, slots.length),
    encodedLevels(slots.definitions, maxDefinition, slots.length),
    ...encodedValues(data, slots.indices),
  ]);
  const compressed = plain.length >= minCompressed;
  const body = compressed ? zstd(plain) : plain;
  const levels = i32(encodings.rle);
  const dataPage = struct({ 1: i32(slots.length), 2: i32(encodingOf(data.type)), 3: levels, 4: levels });
  const header = encodeThrift({ 1: i32(0), 2: i32(plain.length), 3: i32(body.length), 5: dataPage });
  return { header, body, size: plain.length, compressed };
}

function zstd(bytes: Uint8Array): Uint8Array {
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  return zstdCompressSync(bytes, { chunkSize: Math.max(minChunk, bytes.length >> 2), params });
}

/** Bytes of a column in the file; `size` before compression. */
interface Chunk {
  readonly offset: number;
  readonly size: number;
  readonly stored: number;
  readonly compressed: boolean;
}

function columnChunk({ data, path, slots }: Leaf, { offset, size, stored, compressed }: Chunk): Thrift {
  const metadata = struct({
    1: i32(physicalType(data.type)),
    2: list('i32', [i32(encodings.rle), i32(encodingOf(data.type))]),
    3: list('binary', path.map(binary)),
    4: i32(compressed ? codecs.zstd : codecs.none),
    5: i64(slots.length),
    6: i64(size),
    7: i64(stored),
    9: i64(offset),
  });
  return struct({ 2: i64(0), 3: metadata });
}

function fileMetadata({ numRows, schema }: RecordBatch, columns: readonly Thrift[], bytes: number): Uint8Array {
  const rowGroup = struct({ 1: list('struct', columns), 2: i64(bytes), 3: i64(numRows) });
  return encodeThrift({
    1: i32(1),
    2: list('struct', schemaElements(schema.fields)),
    3: i64(numRows),
    4: list('struct', [rowGroup]),
    6: binary('lazuli'),
  });
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
