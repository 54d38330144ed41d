import { Bytes } from './bytes.ts';

/**
 * Values of Thrift's compact protocol, as plain data: as much of it as the metadata of a Parquet file needs
 * (thrift.apache.org, compact protocol). Members of a struct by field id; absent ones are left out.
 */
export type Thrift =
  | { readonly kind: 'i32' | 'i64'; readonly value: number }
  | { readonly kind: 'binary'; readonly text: string }
  | { readonly kind: 'list'; readonly of: Kind; readonly elements: readonly Thrift[] }
  | { readonly kind: 'struct'; readonly members: Members }
  /** a list in bytes */
  | { readonly kind: 'encoded'; readonly bytes: Uint8Array };

/** Members by field id. */
export type Members = { readonly [Id in FieldId]?: Thrift };

/** All that there are. */
const fieldIds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const;
type FieldId = (typeof fieldIds)[number];

type Kind = keyof typeof codes;
const codes = { i32: 5, i64: 6, binary: 8, list: 9, encoded: 9, struct: 12 } as const;

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
/** The same list in bytes, for one that is written often. */
export function encoded(list: Thrift): Thrift {
  const bytes = new Bytes();
  put(bytes, list);
  return { kind: 'encoded', bytes: Uint8Array.from(bytes.view()) };
}

/** Writes a struct. */
export function putStruct(bytes: Bytes, members: Members): void {
  let before = 0;
  for (const id of fieldIds) {
    const member = members[id];
    if (member === undefined) continue;
    bytes.byte(((id - before) << 4) | codes[member.kind]);
    put(bytes, member);
    before = id;
  }
  bytes.byte(0);
}

function put(bytes: Bytes, thrift: Thrift): void {
  if (thrift.kind === 'struct') putStruct(bytes, thrift.members);
  else if (thrift.kind === 'list') putList(bytes, thrift.of, thrift.elements);
  else if (thrift.kind === 'binary') bytes.text(thrift.text);
  else if (thrift.kind === 'encoded') bytes.put(thrift.bytes);
  else bytes.zigzag(thrift.value);
}

function putList(bytes: Bytes, of: Kind, elements: readonly Thrift[]): void {
  if (elements.length <= shortList) bytes.byte((elements.length << 4) | codes[of]);
  else {
    bytes.byte(0xf0 | codes[of]);
    bytes.varint(elements.length);
  }
  for (const element of elements) put(bytes, element);
}
