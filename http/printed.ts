/** The JSON of a value, as bytes. What is shown again and again is printed once only. */
export class Printed<T> {
  readonly bytes: Buffer;
  /** There for the compiler only. */
  declare readonly of: T;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

/** Prints a value into memory of its own: that of small buffers is shared, and kept as long as any of them. */
export function printed<T>(value: T): Printed<T> {
  const text = JSON.stringify(value);
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return new Printed(bytes);
}

/** An object, some members of which are printed already. */
export function printedObject<T extends object>(
  members: { readonly [K in keyof T]: T[K] | Printed<T[K]> },
): Printed<T> {
  const parts = Object.entries(members).flatMap(([name, value], i) => [
    Buffer.from(`${i === 0 ? '{' : ','}${JSON.stringify(name)}:`),
    value instanceof Printed ? value.bytes : Buffer.from(JSON.stringify(value)),
  ]);
  return new Printed(Buffer.concat([...(parts.length === 0 ? [Buffer.from('{')] : parts), Buffer.from('}')]));
}

/** One object with the members of several, which have no name in common. */
export function merged<T>(
  objects: readonly Printed<Readonly<Record<string, T>>>[],
): Printed<Readonly<Record<string, T>>> {
  const [first] = objects;
  if (first !== undefined && objects.length === 1) return first;
  const inner = objects.map(({ bytes }) => bytes.subarray(1, -1)).filter(({ length }) => length > 0);
  const parts = inner.flatMap((members, i) => [Buffer.from(i === 0 ? '' : ','), members]);
  return new Printed(Buffer.concat([Buffer.from('{'), ...parts, Buffer.from('}')]));
}
