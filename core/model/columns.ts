/**
 * - `datetime`: text in UTC with six fractional digits and `Z`
 * - `quantity`: value and unit, staged and indexed as `"38 year"` or `"38"`; `{value, unit}` in the API
 * - `range`: closed, `[low, high]` of numbers; null means unbounded on that side
 * - `counts`: how often each key occurs, `{key: count}`; a collapsed field has a list of keys instead
 * - `object`: any JSON object, rendered once by the plug-in
 */
export type ColumnType = 'string' | 'int' | 'float' | 'bool' | 'datetime' | 'quantity' | 'range' | 'counts' | 'object';

/**
 * How the values of one field, over all rows of a role (or of one group of them), become one value
 * (specification, indexing 7.6). Limited sets keep exactly the smallest `limit` values; frequency
 * sets the most frequent, ties by value. `limit: null` is no limit.
 */
export type Aggregate =
  | { readonly kind: 'drop' }
  | { readonly kind: 'set'; readonly limit: number | null }
  /** objects, distinct as a whole, sorted by one member */
  | { readonly kind: 'objects'; readonly limit: number | null; readonly by: string }
  /** objects, one per value of a member */
  | { readonly kind: 'dictionary'; readonly limit: number | null; readonly by: string }
  | { readonly kind: 'frequency'; readonly limit: number }
  /** sum of non-null numbers, one per distinct value of `distinctBy` columns; null if there is none */
  | { readonly kind: 'sum'; readonly distinctBy: readonly string[] }
  | { readonly kind: 'count'; readonly distinctBy: readonly string[] }
  /** number of distinct values, null being one */
  | { readonly kind: 'unique_count' }
  | { readonly kind: 'min' }
  | { readonly kind: 'max' }
  /** the one value that all rows of a group share */
  | { readonly kind: 'single' };

const texts = ['string', 'datetime', 'quantity'] as const;
/** Types of what can be summed up. */
export const numbers = ['int', 'float'] as const;
/** Types by whose values rows can be told apart or grouped. */
export const plain = [...texts, ...numbers, 'bool'] as const;
const comparable = [...plain, 'range', 'object'] as const;
/** All types of columns. */
export const columnTypes = [...comparable, 'counts'] as const;

/** What goes with what: types whose values an aggregate collapses, and whether it takes lists of them. */
export const collapses = {
  drop: { types: columnTypes, lists: true },
  set: { types: comparable, lists: true },
  objects: { types: ['object'], lists: true },
  dictionary: { types: ['object'], lists: true },
  frequency: { types: ['string', 'counts'], lists: true },
  sum: { types: numbers, lists: false },
  count: { types: columnTypes, lists: true },
  unique_count: { types: comparable, lists: true },
  min: { types: [...texts, ...numbers], lists: true },
  max: { types: [...texts, ...numbers], lists: true },
  single: { types: comparable, lists: true },
} as const satisfies Readonly<
  Record<Aggregate['kind'], { readonly types: readonly ColumnType[]; readonly lists: boolean }>
>;

/** Types of columns, no lists, of which a document's own field can be the sum, or the least or greatest value. */
export const computes = { sum: numbers, min: [...numbers, 'datetime'], max: [...numbers, 'datetime'] } as const;

type Kind = Aggregate['kind'];
/** Types whose rows can be told apart or grouped by their values. */
export type PlainType = (typeof plain)[number];

/** Aggregates that collapse a type, or lists of it: what `collapses` says, for the compiler. */
export type AggregateOf<T extends ColumnType, List extends boolean> = Extract<
  Aggregate,
  { readonly kind: KindOf<T, List> }
>;
type KindOf<T extends ColumnType, List extends boolean> = {
  [K in Kind]: T extends (typeof collapses)[K]['types'][number]
    ? List extends true
      ? (typeof collapses)[K]['lists'] extends true
        ? K
        : never
      : K
    : never;
}[Kind];

/** One column of an inner table. Which aggregates it may have follows from its type. */
export type Column = { [T in ColumnType]: ColumnOf<T, false> | ColumnOf<Exclude<T, 'counts'>, true> }[ColumnType];

type ColumnOf<T extends ColumnType, List extends boolean> = T extends ColumnType
  ? Common & { readonly type: T } & ListOf<List> & AggregatedAs<T, List> & MembersOf<T>
  : never;

interface Common {
  /** may be absent from a row, which is not the same as null: an absent value adds nothing to a set */
  readonly optional?: true;
  /** false: stored in the document but neither filtered, sorted nor aggregated by the index */
  readonly searchable?: false;
}

/** A list of that type. */
type ListOf<List extends boolean> = List extends true ? { readonly list: true } : { readonly list?: never };

/** How it collapses; default: a set of at most 100, which there is none of counts. */
type AggregatedAs<T extends ColumnType, List extends boolean> = T extends 'counts'
  ? { readonly aggregate: AggregateOf<T, List> }
  : { readonly aggregate?: AggregateOf<T, List> };

/** Members of an object, for mapping and facets; absent means opaque and not searchable. */
type MembersOf<T extends ColumnType> = T extends 'object'
  ? { readonly members?: Readonly<Record<string, PlainType>> }
  : { readonly members?: never };

/** A column as somebody declares it whom no compiler checks. */
export interface AnyColumn extends Common {
  readonly type: ColumnType;
  readonly list?: boolean;
  readonly aggregate?: Aggregate;
  readonly members?: Readonly<Record<string, ColumnType>>;
}

/** A kind of inner entities. */
export interface Table {
  readonly columns: Readonly<Record<string, Column>>;
  /** how `document_id` collapses; default: a set of at most 100 */
  readonly idAggregate?: AggregateOf<'string', false>;
  /**
   * What becomes of copies of one inner entity from several bundles, newest bundle version first, then lowest bundle uuid,
   * then lowest source id; default: the first one stands for it. `complete`: it is made up of all of them, each optional
   * column from the first copy that has it. Roles show such a table alone.
   */
  readonly reconcile?: 'complete';
}

/** A set of at most so many values; null: of any number. */
export const setOf = (limit: number | null) => ({ kind: 'set', limit }) as const;
/** Shown where a role is not collapsed, and nowhere else. */
export const drop = { kind: 'drop' } as const;
/** Specification, indexing 13 */
export const defaultAggregate = setOf(100);
