import { z } from 'zod';

/**
 * A condition on documents as plain data, of which translations to OpenSearch and, for bulk exports,
 * to SQL are made. Paths are those of the index layout.
 */
export type Filter =
  /** empty: every document */
  | { readonly kind: 'all'; readonly of: readonly Filter[] }
  /** empty: no document */
  | { readonly kind: 'any'; readonly of: readonly Filter[] }
  | { readonly kind: 'not'; readonly of: Filter }
  /** one of the field's values is one of these */
  | { readonly kind: 'terms'; readonly path: string; readonly values: readonly Scalar[] }
  /** the field is null, a list that contains null, or not there, or has nothing that a facet lists */
  | { readonly kind: 'null'; readonly path: string }
  /** the field isn't there, or has nothing that a facet lists */
  | { readonly kind: 'absent'; readonly path: string }
  /** one of the field's values is in between; both ends belong to it, null is an open end */
  | { readonly kind: 'between'; readonly path: string; readonly low: Bound; readonly high: Bound }
  /** the same for a field of ranges */
  | {
      readonly kind: RangeRelation;
      readonly path: string;
      readonly low: number | null;
      readonly high: number | null;
    }
  /** one of the objects meets the condition, whose paths are inside this one */
  | { readonly kind: 'nested'; readonly path: string; readonly of: Filter }
  /** the field has values, and all are among these */
  | { readonly kind: 'only'; readonly path: string; readonly values: readonly string[] };

export type Scalar = string | number | boolean;
type Bound = string | number | null;

/** `within`: the document's range lies in the given one; `contains`: the other way round. */
export type RangeRelation = 'within' | 'contains' | 'intersects';

const scalar = z.union([z.string(), z.number(), z.boolean()]);
const bound = z.union([z.string(), z.number(), z.null()]);
const path = z.string().min(1).max(1024);

/** Of a filter that was written down for somebody else to read. */
export const filterSchema: z.ZodType<Filter> = z.lazy(() =>
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['all', 'any']), of: z.array(filterSchema) }),
    z.strictObject({ kind: z.literal('not'), of: filterSchema }),
    z.strictObject({ kind: z.literal('terms'), path, values: z.array(scalar) }),
    z.strictObject({ kind: z.enum(['null', 'absent']), path }),
    z.strictObject({ kind: z.literal('between'), path, low: bound, high: bound }),
    z.strictObject({
      kind: z.enum(['within', 'contains', 'intersects']),
      path,
      low: z.number().nullable(),
      high: z.number().nullable(),
    }),
    z.strictObject({ kind: z.literal('nested'), path, of: filterSchema }),
    z.strictObject({ kind: z.literal('only'), path, values: z.array(z.string()) }),
  ]),
);

export const everything: Filter = { kind: 'all', of: [] };
export const nothing: Filter = { kind: 'any', of: [] };

/** All of these, without needless nesting. */
export function all(filters: readonly Filter[]): Filter {
  const [first, ...others] = filters;
  return first !== undefined && others.length === 0 ? first : { kind: 'all', of: filters };
}

/** One of these at least, without needless nesting. */
export function any(filters: readonly Filter[]): Filter {
  const [first, ...others] = filters;
  return first !== undefined && others.length === 0 ? first : { kind: 'any', of: filters };
}
