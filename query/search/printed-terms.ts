import { release } from '../../http/bytes.ts';
import { Printed } from '../../http/printed.ts';
import type { ApiField } from '../fields/api-fields.ts';
import type { Term } from './facet.ts';
import type { ReadList } from './lifted-buckets.ts';

/** What is read, and what is written for it. */
type Turn = readonly [read: readonly number[], written: readonly number[]];

const turn = (read: string, written: string): Turn => [[...Buffer.from(read)], [...Buffer.from(written)]];

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
   * The terms of a facet, from a list as the engine printed it, byte by byte: parsing them, checking each and
   * printing them again takes some times as long. Only lists of texts are done so, and of quantities, which are texts to
   * the engine.
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

/** Bytes on their way into others. What isn't as expected isn't read. */
class Copy {
  readonly #from: Buffer;
  readonly #to: Buffer<ArrayBuffer>;
  #read = 0;
  #written = 0;
  #begun = 0;

  constructor(from: Buffer) {
    this.#from = from;
    this.#to = Buffer.allocUnsafeSlow(from.length * growth);
  }

  /** Goes on at another place; what came before, and isn't `printed`, is forgotten. */
  begin(at: number): void {
    this.#read = at;
    this.#written = this.#begun;
  }

  turns([read, written]: Turn): boolean {
    const [from, at, to] = [this.#from, this.#read, this.#to];
    for (let i = 0; i < read.length; i++) if (from[at + i] !== read[i]) return false;
    this.#read = at + read.length;
    const place = this.#written;
    for (let i = 0; i < written.length; i++) to[place + i] = written[i] as number;
    this.#written = place + written.length;
    return true;
  }

  /** Until its closing quote, or another byte, which can't be looked for where anything is escaped. */
  text(until = quote): boolean {
    const from = this.#from;
    const start = this.#read;
    const to = this.#to;
    const shift = this.#written - start;
    let at = start;
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
