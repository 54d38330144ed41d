const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * A reproducible stream of numbers: the small fast counting generator (sfc32, C. Doty-Humphrey,
 * PractRand) started from a hash of a key. Equal keys give equal streams on every machine, and a
 * stream of its own for each thing made keeps one change from moving everything after it.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(...key: readonly (string | number)[]) {
    const text = key.join('\u0000');
    this.#a = hashOf(text, 0x9e3779b9);
    this.#b = hashOf(text, 0x85ebca6b);
    this.#c = hashOf(text, 0xc2b2ae35);
    for (let i = 0; i < 12; i++) this.next();
  }

  /** an integer of 32 bits, not negative */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** from `low` to `high`, both included */
  between(low: number, high: number): number {
    return low + (this.next() % (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32;
  }

  pick<T>(list: readonly T[]): T {
    if (list.length === 0) throw new RangeError('Nothing to pick from');
    return list[this.next() % list.length] as T;
  }

  /** `count` different elements at most, in the order of the list */
  some<T>(list: readonly T[], count: number): readonly T[] {
    const start = this.next() % Math.max(1, list.length);
    return list.filter((_, i) => (i - start + list.length) % list.length < count);
  }

  hex(bytes: number): string {
    let text = '';
    for (let done = 0; done < bytes; done += 4) {
      const word = this.next();
      for (let i = 0; i < 4 && done + i < bytes; i++) text += hexOfByte[(word >>> (8 * i)) & 255];
    }
    return text;
  }

  /** lower-case, shaped as a version 4 UUID (RFC 9562) */
  uuid(): string {
    const hex = this.hex(16);
    const variant = '89ab'[this.next() & 3];
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }
}

/** FNV-1a over UTF-16 code units, then the finalizer of MurmurHash3. */
function hashOf(text: string, start: number): number {
  let hash = start;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
