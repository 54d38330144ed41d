import { type Data, DataType } from 'apache-arrow';
import type { Bytes } from './bytes.ts';
import type { Leaf } from './levels.ts';

/** The texts of a column, each once, and which of them stands at each place that has one. */
export interface Dictionary {
  /** indices of the texts in the vector */
  readonly texts: readonly number[];
  readonly places: Uint32Array;
}

/**
 * Texts in lists have a dictionary: without one, fastparquet silently reads nothing.
 *
 * @returns null for a column that needs none, or has no value
 */
export function dictionaryOf({ data, slots, maxRepetition }: Leaf): Dictionary | null {
  if (maxRepetition === 0 || !DataType.isUtf8(data.type)) return null;
  const there = (slots.indices ?? Int32Array.from({ length: data.length }, (_, i) => i)).filter((index) => index >= 0);
  const numbers = new Map<string, number>();
  const texts: number[] = [];
  const places = Uint32Array.from(there, (index) => {
    const text = bytesOf(data, index).toString('latin1');
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, texts.length);
    return texts.push(index) - 1;
  });
  return texts.length === 0 ? null : { texts, places };
}

/** The page of the texts: each one's bytes after their number, as 32 bits. */
export function putDictionary(bytes: Bytes, data: Data, { texts }: Dictionary): void {
  for (const index of texts) {
    const text = bytesOf(data, index);
    bytes.uint32(text.length);
    bytes.put(text);
  }
}

/** In one run of whole bytes, lowest first, after its width in bits and the number of groups of eight. */
export function putPlaces(bytes: Bytes, { texts, places }: Dictionary): void {
  const groups = Math.ceil(places.length / 8);
  const Width = texts.length <= 2 ** 8 ? Uint8Array : texts.length <= 2 ** 16 ? Uint16Array : Uint32Array;
  const packed = new Width(groups * 8);
  packed.set(places);
  bytes.byte(Width.BYTES_PER_ELEMENT * 8);
  bytes.varint(groups * 2 + 1);
  bytes.put(new Uint8Array(packed.buffer));
}

function bytesOf({ values, valueOffsets }: Data, index: number): Buffer {
  const offsets = valueOffsets as Int32Array;
  const start = offsets[index] as number;
  const { buffer, byteOffset } = values as Uint8Array;
  return Buffer.from(buffer, byteOffset + start, (offsets[index + 1] as number) - start);
}
