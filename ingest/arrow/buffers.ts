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

/** Which values of a column are null. Values that aren't cost nothing. */
export class Validity {
  /** ascending */
  readonly #nulls: number[] = [];

  /** Indices come in ascending order. */
  setNull(index: number): void {
    this.#nulls.push(index);
  }

  truncate(length: number): void {
    let kept = this.#nulls.length;
    while (kept > 0 && (this.#nulls[kept - 1] as number) >= length) kept--;
    this.#nulls.length = kept;
  }

  /** As Arrow's `makeData` takes them: no bitmap where nothing is null. */
  props(length: number): { nullCount: number; nullBitmap: Uint8Array | null } {
    if (this.#nulls.length === 0) return { nullCount: 0, nullBitmap: null };
    const nullBitmap = new Uint8Array((length + 7) >> 3).fill(0xff);
    for (const index of this.#nulls) {
      const byte = index >> 3;
      nullBitmap[byte] = (nullBitmap[byte] as number) & ~(1 << (index & 7));
    }
    return { nullCount: this.#nulls.length, nullBitmap };
  }
}
