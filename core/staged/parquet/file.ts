import { constants, zstdCompressSync } from 'node:zlib';
import type { Data, RecordBatch, Schema } from 'apache-arrow';
import { Bytes } from './bytes.ts';
import { type Dictionary, dictionaryOf, putDictionary, putPlaces } from './dictionary.ts';
import { type Leaf, leavesOf, putLevels } from './levels.ts';
import { physicalType, schemaElements } from './schema.ts';
import { binary, i32, i64, list, type Members, putStruct, struct, type Thrift } from './thrift.ts';
import { encodings, putValues } from './values.ts';

const magic = Buffer.from('PAR1', 'ascii');
const codecs = { none: 0, zstd: 6 } as const;
/** Pages of fewer bytes aren't worth a call: together they are 1 % of a large batch. */
const minCompressed = 1024;
const minChunk = 64;

/**
 * A record batch, of at least one row, as a Parquet file (parquet-format 2.x): one row group, one page a column, zstd; a dictionary
 * for texts in lists only. Files are small and read as a whole: more dictionaries, and statistics, would cost more time than
 * they save, and after zstd no bytes either.
 *
 * Written by hand: `parquet-wasm` takes nearly twice the CPU time and `hyparquet-writer` five times, for copies from format
 * to format and their own zstd (docs/decisions.md, "Parquet is written by our own code").
 *
 * @param schema the batch's; where the same object comes again, its encoding is there already
 */
export function toParquet(batch: RecordBatch, schema: Schema = batch.schema): Uint8Array {
  const { fields } = schema;
  const leaves = fields.flatMap((field, i) => leavesOf(field, batch.data.children[i] as Data));
  file.clear();
  file.put(magic);
  const columns = leaves.map((leaf) => columnChunk(leaf, putColumn(leaf)));
  const end = file.length;
  putStruct(file, fileMetadata(batch.numRows, schema, columns, end - magic.length));
  file.uint32(file.length - end);
  file.put(magic);
  return Uint8Array.from(file.view());
}

/** The file and the pages that are being written. Kept, because fresh memory costs as much as what is written to it. */
const file = new Bytes();
const page = new Bytes();
const dictionaryPage = new Bytes();

/** Types of pages (parquet-format, `PageType`). */
const pages = { data: 0, dictionary: 2 } as const;

function putColumn(leaf: Leaf): Chunk {
  const dictionary = dictionaryOf(leaf);
  page.clear();
  dictionaryPage.clear();
  putLevels(page, leaf);
  if (dictionary === null) putValues(page, leaf.data, leaf.slots.indices);
  else {
    putDictionary(dictionaryPage, leaf.data, dictionary);
    putPlaces(page, dictionary);
  }
  const compressed = page.length + dictionaryPage.length >= minCompressed;
  const texts = dictionary === null ? null : putPage(dictionaryPage, dictionaryHeader(dictionary), compressed);
  const data = putPage(
    page,
    dataHeader(leaf, dictionary === null ? encodings.plain : encodings.dictionary),
    compressed,
  );
  const [size, stored] = [data.size + (texts?.size ?? 0), data.stored + (texts?.stored ?? 0)];
  return { offset: data.offset, dictionary: texts?.offset ?? null, size, stored, compressed };
}

const dictionaryHeader = ({ texts }: Dictionary): Members => ({
  1: i32(pages.dictionary),
  7: struct({ 1: i32(texts.length), 2: i32(encodings.plain) }),
});

function dataHeader({ slots }: Leaf, encoding: number): Members {
  const levels = i32(encodings.rle);
  return { 1: i32(pages.data), 5: struct({ 1: i32(slots.length), 2: i32(encoding), 3: levels, 4: levels }) };
}

function putPage(bytes: Bytes, header: Members, compressed: boolean): Pick<Chunk, 'offset' | 'size' | 'stored'> {
  const plain = bytes.view();
  const body = compressed ? zstd(plain) : plain;
  const offset = file.length;
  putStruct(file, { ...header, 2: i32(plain.length), 3: i32(body.length) });
  const before = file.length - offset;
  file.put(body);
  return { offset, size: before + plain.length, stored: before + body.length };
}

function zstd(bytes: Uint8Array): Uint8Array {
  const params = { [constants.ZSTD_c_compressionLevel]: 1 };
  return zstdCompressSync(bytes, { chunkSize: Math.max(minChunk, bytes.length >> 2), params });
}

/** Bytes of a column in the file; `size` before compression. */
interface Chunk {
  /** of the page of data */
  readonly offset: number;
  /** of the page of its dictionary; null where it has none */
  readonly dictionary: number | null;
  readonly size: number;
  readonly stored: number;
  readonly compressed: boolean;
}

function columnChunk({ data, path, slots }: Leaf, { offset, dictionary, size, stored, compressed }: Chunk): Thrift {
  const used = [encodings.rle, encodings.plain, ...(dictionary === null ? [] : [encodings.dictionary])];
  const metadata = struct({
    1: i32(physicalType(data.type)),
    2: list('i32', used.map(i32)),
    3: list('binary', path.map(binary)),
    4: i32(compressed ? codecs.zstd : codecs.none),
    5: i64(slots.length),
    6: i64(size),
    7: i64(stored),
    9: i64(offset),
    ...(dictionary === null ? {} : { 11: i64(dictionary) }),
  });
  return struct({ 2: i64(0), 3: metadata });
}

function fileMetadata(numRows: number, schema: Schema, columns: readonly Thrift[], bytes: number): Members {
  const rowGroup = struct({ 1: list('struct', columns), 2: i64(bytes), 3: i64(numRows) });
  return {
    1: i32(1),
    2: schemaElements(schema),
    3: i64(numRows),
    4: list('struct', [rowGroup]),
    6: binary('lazuli'),
  };
}
