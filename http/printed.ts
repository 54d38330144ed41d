/** The JSON of a value, as bytes: what is shown again and again is printed once only. */
export class Printed<T> {
  readonly bytes: Buffer;
  /** There for the compiler only. */
  declare readonly of: T;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** An object, some members of which may be printed already. The others are printed one by one, which is faster. */
export function printedObject<T extends object>(
  members: {
    readonly [K in keyof T]: T[K] | Printed<T[K]>;
  },
): Printed<T> {
  const parts = Object.entries(members).map(([name, value]) => [
    Buffer.from(`${JSON.stringify(name)}:`),
    value instanceof Printed ? value.bytes : Buffer.from(JSON.stringify(value)),
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

const comma = Buffer.from(',');
const [open, close] = [Buffer.from('{'), Buffer.from('}')];

/** In memory of its own: that of small buffers is shared, and kept for as long as any of them. */
function braced<T>(members: readonly (readonly Buffer[])[]): Printed<T> {
  const parts = [open, ...members.flatMap((member, i) => (i === 0 ? member : [comma, ...member])), close];
  const bytes = Buffer.allocUnsafeSlow(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return new Printed(bytes);
}
