type TypedArray = Uint8Array | Int32Array | Float64Array | BigInt64Array;

/** The same elements in an array of at least that many, and at least twice as many as before. */
export function grown<A extends TypedArray>(array: A, atLeast: number): A {
  const length = Math.max(atLeast, array.length * 2);
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array as never);
  return larger;
}

/** Bits, least significant first, as Arrow wants them. */
export class Bits {
  #bytes = new Uint8Array(4);

  set(index: number, value: boolean): void {
    const byte = index >> 3;
    if (byte >= this.#bytes.length) this.#bytes = grown(this.#bytes, byte + 1);
    const bit = 1 << (index & 7);
    const before = this.#bytes[byte] ?? 0;
    this.#bytes[byte] = value ? before | bit : before & ~bit;
  }

  bytes(length: number): Uint8Array {
    return this.#bytes.subarray(0, (length + 7) >> 3);
  }
}

/**
 * Which values of a column are null: a bit for each value, as Arrow wants them, 0 for a null. Values that aren't cost
 * nothing. Its room is kept, and outside of V8's heap, which had to copy lists of nulls from one generation to the next.
 */
export class Validity {
  #bytes = new Uint8Array(4).fill(0xff);
  #nulls = 0;

  /** Of a value that isn't null yet. */
  setNull(index: number): void {
    const byte = index >> 3;
    if (byte >= this.#bytes.length) this.#reserve(byte + 1);
    this.#bytes[byte] = (this.#bytes[byte] as number) & ~(1 << (index & 7));
    this.#nulls++;
  }

  truncate(length: number): void {
    if (this.#nulls === 0) return;
    if (length === 0) {
      this.#bytes.fill(0xff);
      this.#nulls = 0;
    } else for (let i = length; i < this.#bytes.length * 8; i++) this.#clear(i);
  }

  /** As Arrow's `makeData` takes them: no bitmap where nothing is null. Valid until the next `setNull` or `truncate`. */
  props(length: number): { nullCount: number; nullBitmap: Uint8Array | null } {
    if (this.#nulls === 0) return { nullCount: 0, nullBitmap: null };
    const size = (length + 7) >> 3;
    if (size > this.#bytes.length) this.#reserve(size);
    return { nullCount: this.#nulls, nullBitmap: this.#bytes.subarray(0, size) };
  }

  #clear(index: number): void {
    const byte = index >> 3;
    const bit = 1 << (index & 7);
    const before = this.#bytes[byte] as number;
    if ((before & bit) !== 0) return;
    this.#bytes[byte] = before | bit;
    this.#nulls--;
  }

  #reserve(size: number): void {
    const before = this.#bytes.length;
    this.#bytes = grown(this.#bytes, size);
    this.#bytes.fill(0xff, before);
  }
}
