import { z } from 'zod';
import { refusal } from '../../http/refusal.ts';
import type { ApiField } from '../fields/api-fields.ts';
import { isSortValue, type Order, type SortKey } from './sort.ts';

/** Raised whenever cursors change: those of another version are refused. */
const cursorVersion = 1;

const cursorSchema = z.tuple([
  z.literal(cursorVersion),
  z.string(),
  z.enum(['asc', 'desc']),
  z.union([z.string(), z.number(), z.null()]),
  z.boolean(),
  z.string().max(512),
]);

/** A place in a list, for a link. Opaque to callers: it says by what the list is sorted, too. */
export function encodeCursor(field: ApiField, order: Order, { value, absent, id }: SortKey): string {
  return Buffer.from(JSON.stringify([cursorVersion, field.name, order, value, absent, id])).toString('base64url');
}

/** @throws LazuliError `bad_request` when it isn't ours, or is of a list sorted otherwise */
export function decodeCursor(parameter: string, text: string, field: ApiField, order: Order): SortKey {
  const result = cursorSchema.safeParse(parseCursor(text));
  const remedy = 'Follow the `next` or `previous` link of a page, or leave the parameter out.';
  if (!result.success)
    throw refusal(`Invalid value for parameter \`${parameter}\`: it is no cursor of this version.`, remedy);
  const [, sort, direction, value, absent, id] = result.data;
  if (sort !== field.name || direction !== order || !isSortValue(field, value)) {
    throw refusal(
      `Invalid value for parameter \`${parameter}\`: the cursor is of a list sorted by \`${sort}\`, ${direction}.`,
      remedy,
    );
  }
  return { value, absent, id };
}

function parseCursor(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined;
  }
}
