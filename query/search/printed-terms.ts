import { release } from '../../core/http/bytes.ts';
import { Printed } from '../../core/http/printed.ts';
import type { ApiField } from '../fields/api-fields.ts';
import type { Term } from './facet.ts';
import type { ReadList } from './lifted-buckets.ts';

/** What is read, and what is written for it: four bytes at a time, then the rest. */
interface Turn {
  readonly read: Bytes;
  readonly written: Bytes;
}

interface Bytes {
  readonly length: number;
  readonly words: readonly number[];
  readonly rest: readonly number[];
}

const turn = (read: string, written: string): Turn => ({ read: inWords(read), written: inWords(written) });

function inWords(text: string): Bytes {
  const bytes = Buffer.from(text);
  const words = Array.from({ length: bytes.length >> 2 }, (_, i) => bytes.readInt32LE(4 * i));
  return { length: bytes.length, words, rest: [...bytes.subarray(4 * words.length)] };
}

/** What stands around the items of a list and between two of them. */
interface Around {
  readonly first: Turn;
  readonly next: Turn;
  readonly last: Turn;
}

/** @param before what is written before the text that an item begins with */
const around = (before: string, after: string): Around => ({
  first: turn('[{"key":"', `[${before}`),
  next: turn('},{"key":"', `${after},${before}`),
  last: turn('}]', `${after}]`),
});

const empty = turn('[]', '[]');
const term = { ...around('{"term":"', '}'), count: turn('","doc_count":', '","count":') };
const quantity = {
  ...around('{"term":{"value":"', '}'),
  unit: turn(' ', '","unit":"'),
  count: turn('","doc_count":', '"},"count":'),
  bare: turn('","doc_count":', '","unit":null},"count":'),
};
const value = { ...around('"', ''), count: turn('","doc_count":', '"') };
const listed = { other: turn(',"sum_other_doc_count":', ''), values: turn(',"buckets":', ''), close: turn('}', '') };

/** Terms of facets, from the lists of buckets of an answer, in memory of its own. */
export class PrintedTerms {
  readonly #copy: Copy;

  constructor(json: Buffer) {
    this.#copy = new Copy(json);
  }

  /**
   * The terms of a facet, from a list as the engine printed it, byte by byte: parsing, checking and printing them takes
   * several times as long. That is done only for lists of texts, and of quantities, which are texts to the engine.
   *
   * @returns undefined where the list holds anything else, or is printed otherwise
   */
  read(start: number, field: Pick<ApiField, 'type' | 'beside'>): ReadTerms | undefined {
    this.#copy.begin(start);
    return terms(this.#copy, field) ? this.#copy.printed() : undefined;
  }

  release(): void {
    this.#copy.release();
  }
}

/** Terms, and the place behind their list. */
export interface ReadTerms extends ReadList {
  readonly value: Printed<readonly Term[]>;
}

function terms(copy: Copy, { type, beside }: Pick<ApiField, 'type' | 'beside'>): boolean {
  const values = beside === undefined ? () => true : valuesBeside(copy, beside);
  if (type === 'quantity') return copy.list(quantity, () => quantityCounted(copy) && values());
  return copy.list(term, () => copy.text() && copy.turns(term.count) && copy.number() && values());
}

function quantityCounted(copy: Copy): boolean {
  if (!copy.text(blank)) return false;
  if (copy.turns(quantity.bare)) return copy.number();
  return copy.turns(quantity.unit) && copy.text(blank) && copy.turns(quantity.count) && copy.number();
}

/** The list of values beside a term, which has two numbers before it. */
function valuesBeside(copy: Copy, name: string): () => boolean {
  const opening = turn(',"beside":{"doc_count_error_upper_bound":', `,${JSON.stringify(name)}:`);
  const one = () => copy.text() && copy.turns(value.count) && copy.skipNumber();
  return () =>
    copy.turns(opening) &&
    copy.skipNumber() &&
    copy.turns(listed.other) &&
    copy.skipNumber() &&
    copy.turns(listed.values) &&
    copy.list(value, one) &&
    copy.turns(listed.close);
}

const quote = 0x22;
const backslash = 0x5c;
const blank = 0x20;
const [zero, nine] = [0x30, 0x39];

/** A quantity grows by less than a bucket's names take; texts shrink, unless the name beside them is very long. */
const growth = 2;

const [quotes, backslashes] = [0x22222222, 0x5c5c5c5c];

/** Whether one of the four bytes is the one that is given four times: only then it becomes 0, and from 0 one is borrowed. */
function hasByte(word: number, fourTimes: number): boolean {
  const difference = word ^ fourTimes;
  return ((difference - 0x01010101) & ~difference & 0x80808080) !== 0;
}

/** Bytes on their way into others. What isn't as expected isn't read. */
class Copy {
  readonly #from: Buffer;
  readonly #to: Buffer<ArrayBuffer>;
  readonly #fromWords: DataView;
  readonly #toWords: DataView;
  #read = 0;
  #written = 0;
  #begun = 0;

  constructor(from: Buffer) {
    this.#from = from;
    this.#to = Buffer.allocUnsafeSlow(from.length * growth);
    this.#fromWords = new DataView(from.buffer, from.byteOffset, from.length);
    this.#toWords = new DataView(this.#to.buffer);
  }

  /** Goes on at another place; what came before, and isn't `printed`, is forgotten. */
  begin(at: number): void {
    this.#read = at;
    this.#written = this.#begun;
  }

  turns({ read, written }: Turn): boolean {
    let at = this.#read;
    let place = this.#written;
    if (at + read.length > this.#from.length || place + written.length > this.#to.length) return false;
    const { words: expected, rest } = read;
    for (let i = 0; i < expected.length; i++, at += 4)
      if (this.#fromWords.getInt32(at, true) !== expected[i]) return false;
    for (let i = 0; i < rest.length; i++, at++) if (this.#from[at] !== rest[i]) return false;
    this.#read = at;
    const { words: given, rest: last } = written;
    for (let i = 0; i < given.length; i++, place += 4) this.#toWords.setInt32(place, given[i] as number, true);
    for (let i = 0; i < last.length; i++, place++) this.#to[place] = last[i] as number;
    this.#written = place;
    return true;
  }

  /** Until its closing quote, or another byte, which can't be looked for where anything is escaped. */
  text(until = quote): boolean {
    const from = this.#from;
    const start = this.#read;
    const to = this.#to;
    const shift = this.#written - start;
    let at = until === quote ? this.#plainWords(start, shift) : start;
    for (let byte = from[at]; byte !== quote && byte !== until; byte = from[++at]) {
      if (byte === undefined || (byte === backslash && until !== quote)) return false;
      to[at + shift] = byte;
      // A quote that is escaped ends nothing.
      if (byte === backslash) to[++at + shift] = from[at] ?? backslash;
    }
    this.#read = at;
    this.#written = at + shift;
    return true;
  }

  /** Four bytes at a time, as long as nothing ends and nothing is escaped in them. @returns the place behind them */
  #plainWords(start: number, shift: number): number {
    const [from, to] = [this.#fromWords, this.#toWords];
    const last = Math.min(from.byteLength, to.byteLength - shift) - 4;
    let at = start;
    for (; at <= last; at += 4) {
      const word = from.getInt32(at, true);
      if (hasByte(word, quotes) || hasByte(word, backslashes)) break;
      to.setInt32(at + shift, word, true);
    }
    return at;
  }

  /** Of digits only. */
  number(): boolean {
    const [from, to, start] = [this.#from, this.#to, this.#read];
    const shift = this.#written - start;
    let at = start;
    for (let byte = from[at] as number; byte >= zero && byte <= nine; byte = from[++at] as number)
      to[at + shift] = byte;
    this.#read = at;
    this.#written = at + shift;
    return at > start;
  }

  skipNumber(): boolean {
    const written = this.#written;
    const found = this.number();
    this.#written = written;
    return found;
  }

  list({ first, next, last }: Around, item: () => boolean): boolean {
    if (!this.turns(first)) return this.turns(empty);
    while (item()) {
      if (this.turns(next)) continue;
      return this.turns(last);
    }
    return false;
  }

  /** @returns undefined where it took more room than there is */
  printed(): ReadTerms | undefined {
    if (this.#written > this.#to.length) return undefined;
    const value = new Printed<readonly Term[]>([this.#to.subarray(this.#begun, this.#written)]);
    this.#begun = this.#written;
    return { value, end: this.#read };
  }

  release(): void {
    release(this.#to);
  }
}
