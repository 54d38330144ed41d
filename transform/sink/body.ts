import { parsedJson } from '../../core/config/text.ts';

/**
 * A bulk request body: for each item a line that says what to do and a line with the document, both
 * ending in a line feed. Bodies come out of SQL whole. Each answer has them taken
 * apart; documents are parsed only where they have to be compared with what is stored.
 */
export interface BulkBody {
  readonly bytes: Uint8Array;
  readonly items: number;
}

const lineFeed = 10;

/** The items of a body, each with both its lines, sharing its bytes. */
export function itemsOf({ bytes, items }: BulkBody): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let start = 0; found.length < items; ) {
    const end = bytes.indexOf(lineFeed, bytes.indexOf(lineFeed, start) + 1) + 1;
    found.push(bytes.subarray(start, end));
    start = end;
  }
  return found;
}

export function bodyOf(items: readonly Uint8Array[]): BulkBody {
  return { bytes: Buffer.concat(items), items: items.length };
}

/** What an item does and to which document. */
export interface BulkAction {
  readonly _index: string;
  readonly _id: string;
  readonly version: number;
}

export function actionOf(item: Uint8Array): BulkAction {
  return (parsedJson(item.subarray(0, item.indexOf(lineFeed))) as { index: BulkAction }).index;
}

/** The document of an item, parsed. */
export function sourceOf(item: Uint8Array): Readonly<Record<string, unknown>> {
  return parsedJson(item.subarray(item.indexOf(lineFeed) + 1)) as Record<string, unknown>;
}
