/** Room beyond this is not kept. */
const maxKept = 32 * 2 ** 20;

/** Bytes that are written one after the other. Their room is used again after `clear`. */
export class Bytes {
  #bytes = Buffer.allocUnsafeSlow(1024);
  length = 0;

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > maxKept) this.#bytes = Buffer.allocUnsafeSlow(maxKept);
  }

  byte(value: number): void {
    if (this.length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.length++] = value;
  }

  /** A number of at most 53 bits in groups of seven, lowest first: ULEB128, as Thrift and Parquet have it. */
  varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Signed numbers so that small ones stay small, whatever their sign. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  uint32(value: number): void {
    this.#reserve(4);
    this.length = this.#bytes.writeUInt32LE(value, this.length);
  }

  /** As UTF-8, after its length. */
  text(value: string): void {
    const size = Buffer.byteLength(value);
    this.varint(size);
    this.#reserve(size);
    this.length += this.#bytes.write(value, this.length);
  }

  put(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** Room for so many bytes, all of which the caller has to write before anything else is. */
  room(size: number): Uint8Array {
    this.#reserve(size);
    this.length += size;
    return this.#bytes.subarray(this.length - size, this.length);
  }

  /** The same, all zero. */
  zeros(size: number): Uint8Array {
    return this.room(size).fill(0);
  }

  /** What `write` writes, after its length as 32 bits. */
  sized(write: () => void): void {
    const start = this.length;
    this.uint32(0);
    write();
    this.#bytes.writeUInt32LE(this.length - start - 4, start);
  }

  /** Valid until more is written. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }

  #reserve(size: number): void {
    const needed = this.length + size;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.length);
    this.#bytes = larger;
  }
}
