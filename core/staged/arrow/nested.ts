import { type Data, Field, List, makeData, Struct } from 'apache-arrow';
import { grown, Validity } from './buffers.ts';
import { type Builder, Float64Builder, Int64Builder, Utf8Builder } from './builders.ts';

/** A list whose elements may be null. An empty list is not a null one. */
export class ListBuilder<T> implements Builder<readonly (T | null)[]> {
  readonly type: List;
  length = 0;
  readonly #elements: Builder<T>;
  #offsets = new Int32Array(17);
  readonly #validity = new Validity();

  constructor(elements: Builder<T>) {
    this.#elements = elements;
    this.type = new List(new Field('element', elements.type, true));
  }

  append(values: readonly (T | null)[] | null): void {
    if (values === null) this.#validity.setNull(this.length);
    else for (const value of values) this.#elements.append(value);
    const end = this.length + 1;
    if (end === this.#offsets.length) this.#offsets = grown(this.#offsets, end + 1);
    this.#offsets[end] = this.#elements.length;
    this.length = end;
  }

  truncate(length: number): void {
    this.length = length;
    this.#elements.truncate(this.#offsets[length] ?? 0);
    this.#validity.truncate(length);
  }

  data(): Data {
    return makeData({
      type: this.type,
      length: this.length,
      valueOffsets: this.#offsets.subarray(0, this.length + 1),
      child: this.#elements.data(),
      ...this.#validity.props(this.length),
    });
  }
}

/** A closed range; null is unbounded on that side. */
export interface Range {
  readonly low: number | null;
  readonly high: number | null;
}

/** struct {low: double, high: double} */
export class RangeBuilder implements Builder<Range> {
  readonly #low = new Float64Builder();
  readonly #high = new Float64Builder();
  readonly #validity = new Validity();
  readonly type = new Struct([new Field('low', this.#low.type, true), new Field('high', this.#high.type, true)]);
  length = 0;

  append(range: Range | null): void {
    this.#low.append(range?.low ?? null);
    this.#high.append(range?.high ?? null);
    if (range === null) this.#validity.setNull(this.length);
    this.length++;
  }

  truncate(length: number): void {
    this.length = length;
    this.#low.truncate(length);
    this.#high.truncate(length);
    this.#validity.truncate(length);
  }

  data(): Data {
    const children = [this.#low.data(), this.#high.data()];
    return makeData({ type: this.type, length: this.length, children, ...this.#validity.props(this.length) });
  }
}

/** How often a key occurs. */
export interface Count {
  readonly key: string;
  readonly count: bigint;
}

/** struct {key: string, count: int64}: the elements of a column of counts */
export class CountBuilder implements Builder<Count> {
  readonly #key = new Utf8Builder();
  readonly #count = new Int64Builder();
  readonly #validity = new Validity();
  readonly type = new Struct([new Field('key', this.#key.type, true), new Field('count', this.#count.type, true)]);
  length = 0;

  append(value: Count | null): void {
    this.#key.append(value?.key ?? null);
    this.#count.append(value?.count ?? null);
    if (value === null) this.#validity.setNull(this.length);
    this.length++;
  }

  truncate(length: number): void {
    this.length = length;
    this.#key.truncate(length);
    this.#count.truncate(length);
    this.#validity.truncate(length);
  }

  data(): Data {
    const children = [this.#key.data(), this.#count.data()];
    return makeData({ type: this.type, length: this.length, children, ...this.#validity.props(this.length) });
  }
}
