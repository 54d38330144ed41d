import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import avro from 'avsc';

/** A schema as JSON has it (Avro specification). */
export type AvroSchema = string | readonly AvroSchema[] | AvroRecord | AvroArray | AvroMap | AvroEnum;
export interface AvroRecord {
  readonly type: 'record';
  readonly name: string;
  readonly fields: readonly AvroField[];
}
export interface AvroField {
  readonly name: string;
  readonly type: AvroSchema;
  readonly namespace?: string;
  readonly default?: unknown;
  readonly logicalType?: string;
}
export interface AvroArray {
  readonly type: 'array';
  readonly items: AvroSchema;
}
interface AvroMap {
  readonly type: 'map';
  readonly values: AvroSchema;
}
interface AvroEnum {
  readonly type: 'enum';
  readonly name: string;
  readonly symbols: readonly string[];
}

/** What is written: members of records are called by the place of their field, `f0`, `f1`, …. */
export type Encodable = unknown;

/** A schema, and by what the library encodes: it makes code of a schema, which is slow at first. */
export interface AvroEncoding {
  readonly schema: AvroRecord;
  readonly type: avro.Type;
}

export const encodingOf = (schema: AvroRecord): AvroEncoding => ({ schema, type: avroType(schema) });

/** Where records go. */
export interface AvroTarget {
  readonly file: string;
  readonly encoding: AvroEncoding;
  /** from which the mark between blocks is made: the same text, the same bytes */
  readonly key: string;
  readonly signal: AbortSignal;
}

const codec = 'deflate';
/** Bytes of a block before it is compressed. */
const blockSize = 2 ** 18;
/** Records that wait while a block is compressed. */
const maxWaiting = 1024;

/**
 * An Avro container file that is being written. Names of PFB need not be names as Avro has them (`content-type`, `10x`), and
 * the library takes no others: it encodes by the same schema with names of its own, which no encoded record shows, while the
 * file tells the true ones.
 */
export class AvroWriter {
  readonly #encoder: avro.streams.BlockEncoder;
  readonly #done: Promise<void>;

  /** @param part whether it is only blocks, to be put behind those of another file */
  constructor(target: AvroTarget, part: 'whole' | 'blocks' = 'whole') {
    const { file, encoding, key, signal } = target;
    this.#encoder = new avro.streams.BlockEncoder(encoding.type, {
      codec,
      blockSize,
      syncMarker: syncMarker(key),
      writeHeader: 'never',
    });
    const out = createWriteStream(file);
    if (part === 'whole') out.write(header(target));
    this.#done = pipeline(this.#encoder, out, { signal });
    // Told by `room` and `close`.
    this.#done.catch(() => {});
  }

  /** Encodes records at once, so that nothing is left of them. There must be room. */
  add(records: Iterable<Encodable>): void {
    for (const record of records) this.#encoder.write(record);
  }

  /** Resolves when there is room for some more. */
  async room(): Promise<void> {
    if (this.#encoder.writableLength > maxWaiting) await Promise.race([once(this.#encoder, 'drain'), this.#done]);
    else await Promise.race([nextTurn(), this.#done]);
  }

  async close(): Promise<void> {
    this.#encoder.end();
    await this.#done;
  }

  /** Ends without a whole file; after `close` it does nothing. */
  [Symbol.dispose](): void {
    this.#encoder.destroy();
  }
}

const syncMarker = (key: string): Buffer => createHash('sha256').update(key).digest().subarray(0, 16);

/** The library's own type takes two of these numbers for too large. */
const safeIntegers = avro.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => Number(bytes.readBigInt64LE()),
  toBuffer: (value: number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes;
  },
  fromJSON: Number,
  toJSON: Number,
  isValid: (value: unknown) => Number.isSafeInteger(value),
  compare: (a: number, b: number) => a - b,
});

/** By what the library encodes and decodes, under names of its own. A union of two kinds of numbers takes no type but its own. */
export function avroType(schema: AvroRecord): avro.Type {
  const hasBoth = JSON.stringify(schema).includes('"double","long"');
  return avro.Type.forSchema(encodable(schema) as avro.Schema, hasBoth ? {} : { registry: { long: safeIntegers } });
}

/** Avro describes the head of its files as a record, too. */
const headerType = avro.Type.forSchema({
  type: 'record',
  name: 'Header',
  fields: [
    { name: 'magic', type: { type: 'fixed', name: 'Magic', size: 4 } },
    { name: 'meta', type: { type: 'map', values: 'bytes' } },
    { name: 'sync', type: { type: 'fixed', name: 'Sync', size: 16 } },
  ],
} as avro.Schema);

function header({ encoding, key }: AvroTarget): Buffer {
  const meta = { 'avro.schema': Buffer.from(JSON.stringify(encoding.schema)), 'avro.codec': Buffer.from(codec) };
  return headerType.toBuffer({ magic: Buffer.from('Obj\u0001', 'latin1'), meta, sync: syncMarker(key) });
}

/**
 * The same schema under names that Avro allows: fields `f0`, `f1`, … of their record, and `branchOf` for records. A union of
 * nothing, the elements of lists that are all empty, is null here: none is ever encoded.
 */
function encodable(schema: AvroSchema): AvroSchema {
  if (typeof schema === 'string') return primitives.has(schema) ? schema : branchOf(schema);
  if (isUnion(schema)) return encodableUnion(schema);
  switch (schema.type) {
    case 'record':
      return {
        type: 'record',
        name: branchOf(schema.name),
        fields: schema.fields.map(({ type }, i) => ({ name: `f${i}`, type: encodable(type) })),
      };
    case 'array':
      return { type: 'array', items: encodable(schema.items) };
    case 'map':
      return { type: 'map', values: encodable(schema.values) };
    case 'enum':
      return { ...schema, name: branchOf(schema.name) };
  }
}

/** Where a record is the only branch, another one that nothing is of has the library take it as one of several. */
function encodableUnion(branches: readonly AvroSchema[]): AvroSchema {
  const [only] = branches;
  if (only === undefined) return 'null';
  const isLoneRecord = branches.length === 1 && typeof only === 'object' && 'fields' in only;
  return [...branches.map(encodable), ...(isLoneRecord ? [noRecord] : [])];
}

const noRecord: AvroRecord = { type: 'record', name: 'None', fields: [] };

const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema);

const primitives: ReadonlySet<string> = new Set(['null', 'boolean', 'long', 'double', 'string']);

/** What a record is called where it is one of several: its own name, spelled with letters and digits. */
export const branchOf = (name: string): string => `R${Buffer.from(name).toString('hex')}`;
