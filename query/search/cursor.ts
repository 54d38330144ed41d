import { hash } from 'node:crypto';
import { z } from 'zod';
import { textOf, wholeJson } from '../../core/config/text.ts';
import { refusal } from '../../core/http/refusal.ts';
import type { ApiField } from '../fields/api-fields.ts';
import { isSortValue, type Order, orderKind, type SortKey, type SortValue } from './sort.ts';

/** Raised whenever cursors change: those of another version are refused. */
const cursorVersion = 2;

/** Characters of a text that a cursor holds: links must stay short. Of a longer one it holds a digest. */
const maxHeld = 1000;
const digestSchema = z.strictObject({ digest: z.string().length(44) });

/** Replaces a text; `withPlace` looks it up. */
type Digest = z.output<typeof digestSchema>;

const cursorSchema = z.tuple([
  z.literal(cursorVersion),
  z.string(),
  z.enum(['asc', 'desc']),
  z.string(),
  z.union([z.string().max(maxHeld), z.number(), z.null(), digestSchema]),
  z.boolean(),
  z.string().max(512),
]);

/** A place in a list, for a link. Opaque to callers: it says by what the list is sorted, too. */
export function encodeCursor(field: ApiField, order: Order, { value, absent, id }: SortKey): string {
  const cursor = [cursorVersion, field.name, order, orderKind(field), heldValue(value), absent, id];
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

const heldValue = (value: SortValue): SortValue | Digest =>
  typeof value === 'string' && value.length > maxHeld ? digestOf(value) : value;

const digestOf = (text: string): Digest => ({ digest: hash('sha256', text, 'base64') });

/** A cursor that was parsed, of a list sorted by that field in that order. */
export interface PagePlace {
  readonly parameter: string;
  /** see `orderKind` */
  readonly kind: string;
  readonly key: Omit<SortKey, 'value'> & { readonly value: SortValue | Digest };
}

const remedy = 'Follow the `next` or `previous` link of a page, or leave the parameter out.';

/** @throws LazuliError `bad_request` when it isn't ours, or is of a list sorted otherwise */
export function decodeCursor(parameter: string, text: string, field: ApiField, order: Order): PagePlace {
  const result = cursorSchema.safeParse(parseCursor(text));
  if (!result.success)
    throw refusal(`Invalid value for parameter \`${parameter}\`: it is no cursor of this version.`, remedy);
  const [, sort, direction, kind, value, absent, id] = result.data;
  if (sort !== field.name || direction !== order) {
    throw refusal(
      `Invalid value for parameter \`${parameter}\`: the cursor is of a list sorted by \`${sort}\`, ${direction}.`,
      remedy,
    );
  }
  return { parameter, kind, key: { value, absent, id } };
}

/**
 * The key of a place in a list that is sorted by the field as the index that serves has it. The index that served before
 * may have had it differently, or not at all: there the same key is another place.
 *
 * @throws LazuliError `bad_request`
 */
export function keyOf({ parameter, kind, key }: PagePlace, field: ApiField): SortKey {
  const { value } = key;
  if (kind === orderKind(field) && isSortValue(field, value)) return { ...key, value };
  throw refusal(
    `Invalid value for parameter \`${parameter}\`: the order of lists sorted by \`${field.name}\` is another one now.`,
    'Begin with the first page.',
  );
}

/**
 * The same place with its text, where it has a digest.
 *
 * @param found the key that the document at this place has now; undefined: it isn't there
 * @throws LazuliError `bad_request` where the document is another one now
 */
export function placeInFull(place: PagePlace, found: SortKey | undefined): PagePlace {
  const digest = digestIn(place);
  if (digest === undefined) return place;
  if (typeof found?.value === 'string' && digestOf(found.value).digest === digest) return { ...place, key: found };
  throw refusal(
    `Invalid value for parameter \`${place.parameter}\`: the document at which the page ended has changed.`,
    'Begin with the first page.',
  );
}

/** Of the text at a place; undefined where the place has all that it needs. */
export function digestIn({ key: { value } }: PagePlace): string | undefined {
  return value !== null && typeof value === 'object' ? value.digest : undefined;
}

function parseCursor(text: string): unknown {
  try {
    return wholeJson(textOf(Buffer.from(text, 'base64url')));
  } catch {
    return undefined;
  }
}
