/**
 * Values of Thrift's compact protocol, as plain data: as much of it as the metadata of a Parquet file needs
 * (thrift.apache.org, compact protocol). Members of a struct by field id, ascending; undefined ones are left out.
 */
export type Thrift =
  | { readonly kind: 'i32' | 'i64'; readonly value: number }
  | { readonly kind: 'binary'; readonly text: string }
  | { readonly kind: 'list'; readonly of: Kind; readonly elements: readonly Thrift[] }
  | { readonly kind: 'struct'; readonly members: Members };

/** Members by field id. */
export type Members = Readonly<Record<number, Thrift | undefined>>;

type Kind = keyof typeof codes;
const codes = { i32: 5, i64: 6, binary: 8, list: 9, struct: 12 } as const;

/** A 32-bit integer, or a member of an enumeration. */
export const i32 = (value: number): Thrift => ({ kind: 'i32', value });
/** A safe integer. */
export const i64 = (value: number): Thrift => ({ kind: 'i64', value });
/** Text, as UTF-8. */
export const binary = (text: string): Thrift => ({ kind: 'binary', text });
/** Elements of one kind. */
export const list = (of: Kind, elements: readonly Thrift[]): Thrift => ({ kind: 'list', of, elements });
/** A struct, or a union, which has one member. */
export const struct = (members: Members): Thrift => ({ kind: 'struct', members });

/** Elements up to this number stand in the header of a list. */
const shortList = 14;
/** Field ids up to so much above the one before stand in the header of a field. */
const shortStep = 15;

/** Bytes of a struct. */
export function encodeThrift(members: Members): Uint8Array {
  const bytes: number[] = [];
  putStruct(bytes, members);
  return Uint8Array.from(bytes);
}

/** A number of at most 53 bits in groups of seven, lowest first: ULEB128, as Thrift and Parquet have it. */
export function putVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}

/** Signed numbers so that small ones stay small, whatever their sign. */
export function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}

function put(bytes: number[], thrift: Thrift): void {
  if (thrift.kind === 'struct') putStruct(bytes, thrift.members);
  else if (thrift.kind === 'list') putList(bytes, thrift.of, thrift.elements);
  else if (thrift.kind === 'binary') putText(bytes, thrift.text);
  else putVarint(bytes, zigzag(thrift.value));
}

function putText(bytes: number[], text: string): void {
  const utf8 = Buffer.from(text, 'utf8');
  putVarint(bytes, utf8.length);
  for (const byte of utf8) bytes.push(byte);
}

function putList(bytes: number[], of: Kind, elements: readonly Thrift[]): void {
  if (elements.length <= shortList) bytes.push((elements.length << 4) | codes[of]);
  else {
    bytes.push(0xf0 | codes[of]);
    putVarint(bytes, elements.length);
  }
  for (const element of elements) put(bytes, element);
}

function putStruct(bytes: number[], members: Members): void {
  let before = 0;
  for (const [name, member] of Object.entries(members)) {
    if (member === undefined) continue;
    const id = Number(name);
    const step = id - before;
    if (step <= shortStep) bytes.push((step << 4) | codes[member.kind]);
    else {
      bytes.push(codes[member.kind]);
      putVarint(bytes, zigzag(id));
    }
    put(bytes, member);
    before = id;
  }
  bytes.push(0);
}
