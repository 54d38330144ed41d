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

/** An object, some members of which may be printed already. The others are printed one by one, which is faster. */
export function printedObject<T extends object>(
  members: {
    readonly [K in keyof T]: T[K] | Printed<T[K]>;
  },
): Printed<T> {
  const parts = Object.entries(members).map(([name, value]) => [
    Buffer.from(`${JSON.stringify(name)}:`),
    ...(value instanceof Printed ? value : printed(value)).parts,
  ]);
  return braced(parts);
}

/** One object with the members of several, which have no name in common. */
export function merged<T>(
  objects: readonly Printed<Readonly<Record<string, T>>>[],
): Printed<Readonly<Record<string, T>>> {
  const [first] = objects;
  if (first !== undefined && objects.length === 1) return first;
  const inner = objects.map(({ bytes }) => bytes.subarray(1, -1)).filter(({ length }) => length > 0);
  return braced(inner.map((members) => [members]));
}

/** A list with one more item. */
export function appended<T>(list: Printed<readonly T[]>, item: T): Printed<readonly T[]> {
  const items = list.bytes.subarray(0, -1);
  const between = items.length > '['.length ? [comma] : [];
  return new Printed([items, ...between, ...printed(item).parts, closeList]);
}

const comma = Buffer.from(',');
const [open, close, closeList] = [Buffer.from('{'), Buffer.from('}'), Buffer.from(']')];

function braced<T>(members: readonly (readonly Buffer<ArrayBuffer>[])[]): Printed<T> {
  return new Printed([open, ...members.flatMap((member, i) => (i === 0 ? member : [comma, ...member])), close]);
}
