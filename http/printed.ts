import { joined } from './bytes.ts';

/**
 * The JSON of a value, as bytes: what is shown again and again is printed once only. They are in parts, which are
 * put together once, where they leave.
 */
export class Printed<T> {
  readonly parts: readonly Buffer<ArrayBuffer>[];
  /** There for the compiler only. */
  declare readonly of: T;

  constructor(parts: readonly Buffer<ArrayBuffer>[]) {
    this.parts = parts;
  }

  get bytes(): Buffer<ArrayBuffer> {
    const [first] = this.parts;
    return first !== undefined && this.parts.length === 1 ? first : joined(this.parts);
  }

  /** The same in memory of its own, in one part. */
  copied(): Printed<T> {
    return new Printed([joined(this.parts)]);
  }
}

/** A value that JSON can hold. */
export const printed = <T>(value: T): Printed<T> => new Printed([Buffer.from(JSON.stringify(value))]);

/** An object, some members of which may be printed already. What is between two of them makes one part. */
export function printedObject<T extends object>(
  members: {
    readonly [K in keyof T]: T[K] | Printed<T[K]>;
  },
): Printed<T> {
  const parts: Buffer<ArrayBuffer>[] = [];
  let text = '{';
  for (const [i, [name, value]] of Object.entries(members).entries()) {
    text += `${i === 0 ? '' : ','}${JSON.stringify(name)}:`;
    if (value instanceof Printed) {
      parts.push(Buffer.from(text), ...value.parts);
      text = '';
    } else text += JSON.stringify(value);
  }
  return new Printed([...parts, Buffer.from(`${text}}`)]);
}

/** One object with the members of several, which have no name in common. */
export function merged<T>(
  objects: readonly Printed<Readonly<Record<string, T>>>[],
): Printed<Readonly<Record<string, T>>> {
  const [first] = objects;
  if (first !== undefined && objects.length === 1) return first;
  const inner = objects.map(({ bytes }) => bytes.subarray(1, -1)).filter(({ length }) => length > 0);
  return new Printed([open, ...inner.flatMap((members, i) => (i === 0 ? [members] : [comma, members])), close]);
}

/** A list with one more item. */
export function appended<T>(list: Printed<readonly T[]>, item: T): Printed<readonly T[]> {
  const items = list.bytes.subarray(0, -1);
  const between = items.length > '['.length ? [comma] : [];
  return new Printed([items, ...between, ...printed(item).parts, closeList]);
}

const comma = Buffer.from(',');
const [open, close, closeList] = [Buffer.from('{'), Buffer.from('}'), Buffer.from(']')];
