type TypedArray = Uint8Array | Int32Array | Float64Array | BigInt64Array;

/** The same elements in an array of at least that many, and at least twice as many as before. */
export function grown<A extends TypedArray>(array: A, atLeast: number): A {
  const length = Math.max(atLeast, array.length * 2);
  const larger = new (array.constructor as new (length: number) => A)(length);
  larger.set(array as never);
  return larger;
}

/** Bits, least significant first, as Arrow wants them for validity and for booleans. */
export class Validity {
  #bits = new Uint8Array(4);
  #anyUnset = false;

  set(index: number, value: boolean): void {
    const byte = index >> 3;
    if (byte >= this.#bits.length) this.#bits = grown(this.#bits, byte + 1);
    const bit = 1 << (index & 7);
    const before = this.#bits[byte] ?? 0;
    this.#bits[byte] = value ? before | bit : before & ~bit;
    if (!value) this.#anyUnset = true;
  }

  bits(length: number): Uint8Array {
    return this.#bits.subarray(0, (length + 7) >> 3);
  }

  /** As Arrow's `makeData` takes them: no bitmap where nothing was ever null. */
  props(length: number): { nullCount: number; nullBitmap: Uint8Array | null } {
    return this.#anyUnset
      ? { nullCount: length - this.#count(length), nullBitmap: this.bits(length) }
      : { nullCount: 0, nullBitmap: null };
  }

  #count(length: number): number {
    let set = 0;
    for (let i = 0; i < length; i++) set += ((this.#bits[i >> 3] ?? 0) >> (i & 7)) & 1;
    return set;
  }
}
