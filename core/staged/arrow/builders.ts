import {
  Bool,
  type Data,
  type DataType,
  Float64,
  Int32,
  type Int32 as Int32Type,
  Int64,
  type Int64 as Int64Type,
  makeData,
  Utf8,
} from 'apache-arrow';
import { halfPair } from '../../config/text.ts';
import { Bits, grown, Validity } from './buffers.ts';
import { ValueError } from './value-error.ts';

/**
 * Builds one Arrow column. Values were checked before (see `values.ts`); null is a null value.
 * Built by hand, because Arrow's own builders cost several times as much.
 */
export interface Builder<T> {
  readonly type: DataType;
  readonly length: number;
  append(value: T | null): void;
  /** Forgets everything from that index on, so that a bundle that turns out bad leaves no trace. */
  truncate(length: number): void;
  /** A view of what was built; valid until the next `append`. */
  data(): Data;
}

type FixedArray = Int32Array | Float64Array | BigInt64Array;

abstract class FixedBuilder<T extends number | bigint, A extends FixedArray & { [index: number]: T }>
  implements Builder<T>
{
  abstract readonly type: DataType;
  length = 0;
  protected abstract values: A;
  /** what stands in the place of a null */
  protected abstract readonly nothing: T;
  protected readonly validity = new Validity();

  append(value: T | null): void {
    if (this.length === this.values.length) this.values = grown(this.values, this.length + 1);
    if (value === null) this.validity.setNull(this.length);
    (this.values as { [index: number]: T })[this.length++] = value ?? this.nothing;
  }

  appendAll(values: readonly (T | null)[]): void {
    for (const value of values) this.append(value);
  }

  abstract data(): Data;

  truncate(length: number): void {
    this.length = length;
    this.validity.truncate(length);
  }
}

/** From numbers that are 32-bit integers. */
export class Int32Builder extends FixedBuilder<number, Int32Array> {
  readonly type: Int32Type = new Int32();
  protected values = new Int32Array(16);
  protected readonly nothing = 0;

  data(): Data {
    const data = this.values.subarray(0, this.length);
    return makeData({ type: this.type, length: this.length, data, ...this.validity.props(this.length) });
  }
}

/** From bigints of at most 64 bits. */
export class Int64Builder extends FixedBuilder<bigint, BigInt64Array> {
  readonly type: Int64Type = new Int64();
  protected values = new BigInt64Array(16);
  protected readonly nothing = 0n;

  /** The same value until there are so many values. */
  extend(value: bigint, length: number): void {
    if (length > this.values.length) this.values = grown(this.values, length);
    this.values.fill(value, this.length, length);
    this.length = length;
  }

  data(): Data {
    const data = this.values.subarray(0, this.length);
    return makeData({ type: this.type, length: this.length, data, ...this.validity.props(this.length) });
  }
}

/** From finite numbers. */
export class Float64Builder extends FixedBuilder<number, Float64Array> {
  readonly type = new Float64();
  protected values = new Float64Array(16);
  protected readonly nothing = 0;

  data(): Data {
    const data = this.values.subarray(0, this.length);
    return makeData({ type: this.type, length: this.length, data, ...this.validity.props(this.length) });
  }
}

/** Values are bits. */
export class BoolBuilder implements Builder<boolean> {
  readonly type = new Bool();
  length = 0;
  readonly #values = new Bits();
  readonly #validity = new Validity();

  append(value: boolean | null): void {
    if (value === null) this.#validity.setNull(this.length);
    this.#values.set(this.length++, value === true);
  }

  truncate(length: number): void {
    this.length = length;
    this.#validity.truncate(length);
  }

  data(): Data {
    const data = this.#values.bytes(this.length);
    return makeData({ type: this.type, length: this.length, data, ...this.#validity.props(this.length) });
  }
}

/** UTF-8 has at most so many bytes for one UTF-16 unit. */
const maxUnitBytes = 3;

/** From text, which is encoded as it comes. */
export class Utf8Builder implements Builder<string> {
  readonly type = new Utf8();
  length = 0;
  #end = 0;
  #bytes = Buffer.allocUnsafeSlow(256);
  #offsets = new Int32Array(17);
  readonly #validity = new Validity();

  /** @throws ValueError for half of a surrogate pair; nothing is appended then */
  append(value: string | null): void {
    if (value === null) this.#validity.setNull(this.length);
    else this.#end += this.#encode(value);
    if (++this.length === this.#offsets.length) this.#offsets = grown(this.#offsets, this.length + 1);
    this.#offsets[this.length] = this.#end;
  }

  truncate(length: number): void {
    this.length = length;
    this.#end = this.#offsets[length] as number;
    this.#validity.truncate(length);
  }

  data(): Data {
    return makeData({
      type: this.type,
      length: this.length,
      valueOffsets: this.#offsets.subarray(0, this.length + 1),
      data: this.#bytes.subarray(0, this.#end),
      ...this.#validity.props(this.length),
    });
  }

  /** ASCII, nearly all text, is known by its size, and then needs no check. */
  #encode(text: string): number {
    if (this.#end + text.length * maxUnitBytes > this.#bytes.length) this.#reserve(Buffer.byteLength(text));
    const size = this.#bytes.write(text, this.#end);
    if (size !== text.length && !text.isWellFormed()) {
      throw new ValueError(halfPair);
    }
    return size;
  }

  #reserve(size: number): void {
    const needed = this.#end + size;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
