import { z } from 'zod';

/**
 * Lists that a limit cuts. A document shows as many values of a field as the field's limit says. Limits are for what is
 * shown: filters, facets and sorts know more of them, the *rest*, which an indexed document has in `_rest`. What they know
 * is bounded too; `_truncated` says of each list that was cut how many values there are, and whether all are known.
 */

/** How much of one list of a document is known to filters, facets and sorts, shown or not. */
export interface KnownLimits {
  readonly values: number;
  /** of its texts together; beyond it nothing more is known than is shown */
  readonly textBytes: number;
}

export const knownLimits: KnownLimits = { values: 10_000, textBytes: 2 ** 20 };

/** Bundles that a document shows (specification, indexing 13). */
export const maxListedBundles = 100;

/** Values of a list of that limit that are known; of how many more there are only one is counted. */
export const mostKnown = (limit: number, { values }: KnownLimits): number => Math.max(limit, values);

/** Where the rest of a field is in the index. */
export const restOf = (path: string): string => `_rest.${path}`;

/** A list that a limit cut, as `_truncated` tells it; of several lists of one path the longest. */
export interface Cut {
  readonly path: string;
  /** values that the document shows */
  readonly shown: number;
  /** values that there are; one more than are ever known stands for any number beyond it */
  readonly total: number;
  /** whether filters, facets and sorts know all values */
  readonly found: boolean;
}

const cut = z.object({ path: z.string(), shown: z.int(), total: z.int(), found: z.boolean() });

/** @returns what the source of an indexed document says was cut; nothing where it is of a form that names paths alone */
export function cutsOf(source: Readonly<Record<string, unknown>>): readonly Cut[] {
  const told = Array.isArray(source._truncated) ? source._truncated : [];
  return told.flatMap((one) => cut.safeParse(one).data ?? []);
}
