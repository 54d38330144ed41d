import { Printed } from '../../http/printed.ts';
import type { ApiField } from '../fields/api-fields.ts';
import type { Term } from './facet.ts';

/** What is read, and what is written for it. */
type Turn = readonly [read: Buffer, written: Buffer];

const turn = (read: string, written: string): Turn => [Buffer.from(read), Buffer.from(written)];

const open = turn('[', '[');
const next = turn(',', ',');
const close = turn(']', ']');
const term = {
  open: turn('{"key":"', '{"term":"'),
  count: turn('","doc_count":', '","count":'),
  close: turn('}', '}'),
};
const quantity = {
  open: turn('{"key":"', '{"term":{"value":"'),
  unit: turn(' ', '","unit":"'),
  count: turn('","doc_count":', '"},"count":'),
  bare: turn('","doc_count":', '","unit":null},"count":'),
};
const value = { open: turn('{"key":"', '"'), count: turn('","doc_count":', '"'), close: turn('}', '') };
const listed = { other: turn(',"sum_other_doc_count":', ''), values: turn(',"buckets":', ''), close: turn('}', '') };

/**
 * The terms of a facet, from a list of buckets as the engine printed it, byte by byte: parsing them, checking each and
 * printing them again takes some times as long. Only lists of texts are done so, and of quantities, which are texts to
 * the engine.
 *
 * @returns undefined where the list holds anything else, or is printed otherwise
 */
export function printedTerms(
  buckets: Buffer,
  { type, beside }: Pick<ApiField, 'type' | 'beside'>,
): Printed<readonly Term[]> | undefined {
  const copy = new Copy(buckets);
  const counted = type === 'quantity' ? () => quantityCounted(copy) : () => textCounted(copy);
  const values = beside === undefined ? () => true : valuesBeside(copy, beside);
  const one = () => counted() && copy.number() && values() && copy.turns(term.close);
  return copy.list(one) ? copy.printed() : undefined;
}

const textCounted = (copy: Copy): boolean => copy.turns(term.open) && copy.text() && copy.turns(term.count);

function quantityCounted(copy: Copy): boolean {
  if (!copy.turns(quantity.open) || !copy.text(blank)) return false;
  if (copy.turns(quantity.bare)) return true;
  return copy.turns(quantity.unit) && copy.text(blank) && copy.turns(quantity.count);
}

/** The list of values beside a term, which has two numbers before it. */
function valuesBeside(copy: Copy, name: string): () => boolean {
  const opening = turn(',"beside":{"doc_count_error_upper_bound":', `,${JSON.stringify(name)}:`);
  const one = () =>
    copy.turns(value.open) && copy.text() && copy.turns(value.count) && copy.skipNumber() && copy.turns(value.close);
  return () =>
    copy.turns(opening) &&
    copy.skipNumber() &&
    copy.turns(listed.other) &&
    copy.skipNumber() &&
    copy.turns(listed.values) &&
    copy.list(one) &&
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

  constructor(from: Buffer) {
    this.#from = from;
    this.#to = Buffer.allocUnsafeSlow(from.length * growth);
  }

  turns([read, written]: Turn): boolean {
    for (let i = 0; i < read.length; i++) {
      if (this.#from[this.#read + i] !== read[i]) return false;
    }
    this.#read += read.length;
    for (let i = 0; i < written.length; i++) this.#to[this.#written++] = written[i] as number;
    return true;
  }

  /** Until its closing quote, or another byte; not where anything is escaped. */
  text(until = quote): boolean {
    for (;;) {
      const byte = this.#from[this.#read];
      if (byte === quote || byte === until) return true;
      if (byte === backslash || byte === undefined) return false;
      this.#to[this.#written++] = byte;
      this.#read++;
    }
  }

  /** Of digits only. */
  number(): boolean {
    const start = this.#read;
    if (!this.skipNumber()) return false;
    for (let at = start; at < this.#read; at++) this.#to[this.#written++] = this.#from[at] as number;
    return true;
  }

  skipNumber(): boolean {
    const start = this.#read;
    for (let byte = this.#from[start]; byte !== undefined && byte >= zero && byte <= nine; ) {
      byte = this.#from[++this.#read];
    }
    return this.#read > start;
  }

  list(item: () => boolean): boolean {
    if (!this.turns(open)) return false;
    if (this.turns(close)) return true;
    while (item()) {
      if (this.turns(close)) return true;
      if (!this.turns(next)) return false;
    }
    return false;
  }

  /** @returns undefined where it took more room than there is, or something is left */
  printed<T>(): Printed<T> | undefined {
    if (this.#read !== this.#from.length || this.#written > this.#to.length) return undefined;
    return new Printed([Buffer.from(this.#to.buffer.transfer(this.#written))]);
  }
}
