import { joined } from './bytes.ts';

/** Texts next to each other are one. */
type Part = string | Buffer<ArrayBuffer>;

/**
 * The JSON of a value, as text or bytes: what is shown again and again is printed once only. They are in parts, which
 * are put together once, where they leave.
 */
export class Printed<T> {
  readonly parts: readonly Part[];
  /** There for the compiler only. */
  declare readonly of: T;

  constructor(parts: readonly Part[]) {
    this.parts = parts;
  }

  get bytes(): Buffer<ArrayBuffer> {
    const [first] = this.parts;
    return first instanceof Buffer && this.parts.length === 1 ? first : joined(this.parts);
  }

  /** The same in memory of its own, in one part. */
  copied(): Printed<T> {
    return new Printed([joined(this.parts)]);
  }
}

/** A value that JSON can hold. */
export const printed = <T>(value: T): Printed<T> => new Printed([JSON.stringify(value)]);

/** An object, some members of which may be printed already. */
export function printedObject<T extends object>(
  members: {
    readonly [K in keyof T]: T[K] | Printed<T[K]>;
  },
): Printed<T> {
  const line = new Line();
  let before = '{';
  for (const [name, value] of Object.entries(members)) {
    line.add(`${before}${JSON.stringify(name)}:`);
    if (value instanceof Printed) line.addAll(value.parts);
    else line.add(JSON.stringify(value));
    before = ',';
  }
  line.add(before === '{' ? '{}' : '}');
  return new Printed(line.end());
}

/** Parts that follow each other. */
class Line {
  readonly #parts: Part[] = [];
  #text = '';

  add(part: Part): void {
    if (typeof part === 'string') {
      this.#text += part;
      return;
    }
    if (this.#text !== '') this.#parts.push(this.#text);
    this.#parts.push(part);
    this.#text = '';
  }

  addAll(parts: readonly Part[]): void {
    for (const part of parts) this.add(part);
  }

  end(): readonly Part[] {
    return this.#text === '' ? this.#parts : [...this.#parts, this.#text];
  }
}

/** One object with the members of several, which have no name in common. */
export function merged<T>(
  objects: readonly Printed<Readonly<Record<string, T>>>[],
): Printed<Readonly<Record<string, T>>> {
  const [first] = objects;
  if (first !== undefined && objects.length === 1) return first;
  const line = new Line();
  let before = '{';
  for (const object of objects) {
    const members = inside(object);
    if (members.length === 0) continue;
    line.add(before);
    line.add(members);
    before = ',';
  }
  line.add(before === '{' ? '{}' : '}');
  return new Printed(line.end());
}

/** A list with one more item. */
export function appended<T>(list: Printed<readonly T[]>, item: T): Printed<readonly T[]> {
  const items = inside(list);
  const line = new Line();
  line.add('[');
  line.add(items);
  line.add(`${items.length > 0 ? ',' : ''}${JSON.stringify(item)}]`);
  return new Printed(line.end());
}

/** What is between the brackets. */
function inside(printed: Printed<unknown>): Part {
  const [first] = printed.parts;
  return typeof first === 'string' && printed.parts.length === 1 ? first.slice(1, -1) : printed.bytes.subarray(1, -1);
}
