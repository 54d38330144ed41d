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
  const parts = Object.entries(members).flatMap(([name, value], i) => [
    `${i === 0 ? '' : ','}${JSON.stringify(name)}:`,
    ...(value instanceof Printed ? value.parts : [JSON.stringify(value)]),
  ]);
  return together(['{', ...parts, '}']);
}

/** One object with the members of several, which have no name in common. */
export function merged<T>(
  objects: readonly Printed<Readonly<Record<string, T>>>[],
): Printed<Readonly<Record<string, T>>> {
  const [first] = objects;
  if (first !== undefined && objects.length === 1) return first;
  const inner = objects.map(inside).filter(({ length }) => length > 0);
  return together(['{', ...inner.flatMap((members, i) => (i === 0 ? [members] : [',', members])), '}']);
}

/** Of parts that follow each other. */
function together<T>(parts: readonly Part[]): Printed<T> {
  const joint: Part[] = [];
  for (const part of parts) {
    const last = joint.at(-1);
    if (typeof part === 'string' && typeof last === 'string') joint[joint.length - 1] = last + part;
    else joint.push(part);
  }
  return new Printed(joint);
}

/** What is between the brackets. */
function inside(printed: Printed<unknown>): Part {
  const [first] = printed.parts;
  return typeof first === 'string' && printed.parts.length === 1 ? first.slice(1, -1) : printed.bytes.subarray(1, -1);
}
