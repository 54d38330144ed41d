import type { z } from 'zod';
import type { SourceRef } from '../config/sources.ts';
import type { Bundle } from './bundle.ts';
import type { Envelope } from './envelope.ts';
import type { BundleGenerator } from './generator.ts';
import type { Json } from './json.ts';
import type { NormalizedBundle } from './normalized.ts';
import type { SummaryShape } from './summary.ts';

export type { Json };

/**
 * The contract of a metadata plug-in: declarations and a few pure functions. The core derives Arrow
 * schemas, staged layout, store tables, aggregation SQL, index mapping, facets and API schemas from
 * the declarations; nothing outside a plug-in's folder knows what a donor is.
 */
export interface MetadataPlugin {
  readonly name: string;
  /** Raised whenever `normalize` gives other rows for the same bundle: higher versions win. */
  readonly version: number;
  /** Kinds of inner entities. Every row also has an id, `document_id`, which may be null. */
  readonly tables: Readonly<Record<string, Table>>;
  /** What a document says about its surroundings, by name: `contents.<role>` in a document. */
  readonly roles: Readonly<Record<string, Role>>;
  /** What documents are about, by name: one index each. */
  readonly entityTypes: Readonly<Record<string, EntityType>>;
  /** The entity type whose documents lists replicas implicitly: every file of a source is its hub. */
  readonly implicitHub: string;
  /** names in the API of what every document has; default: `entryId`, `bundleUuid`, `sourceId`, … */
  readonly envelope?: Envelope;
  /** what `/index/summary` answers; absent: nothing */
  readonly summary?: SummaryShape;
  /** @throws LazuliError `bundle_invalid` naming entity and field */
  readonly normalize: (bundle: Bundle) => NormalizedBundle;
  /** A document, as `decode` gives it, in the shape that the API answers. Pure. */
  readonly present: (document: Document, context: PresentContext) => unknown;
  /** Of what `present` gives for an entity type, for the documentation of the API; default: any object. */
  readonly hit?: (entityType: string) => z.ZodType;
  /** Makes bundles up, for trials and benchmarks: `lazuli generate`. Loaded where it is asked for only. */
  readonly generator?: () => Promise<BundleGenerator>;
}

/** One column of an inner table. */
export interface Column {
  readonly type: ColumnType;
  /** a list of that type */
  readonly list?: true;
  /** may be absent from a row, which is not the same as null: an absent value adds nothing to a set */
  readonly optional?: true;
  /** false: stored in the document but neither filtered, sorted nor aggregated by the index */
  readonly searchable?: false;
  /** how it collapses; default: a set of at most 100 */
  readonly aggregate?: Aggregate;
  /** `object` only: its members, for mapping and facets; absent means opaque and not searchable */
  readonly members?: Readonly<Record<string, ColumnType>>;
}

/**
 * - `datetime`: text in UTC with six fractional digits and `Z`
 * - `quantity`: value and unit, staged and indexed as `"38 year"` or `"38"`; `{value, unit}` in the API
 * - `range`: closed, `[low, high]` of numbers; null means unbounded on that side
 * - `counts`: how often each key occurs, `{key: count}`; a collapsed field has a list of keys instead
 * - `object`: any JSON object, rendered once by the plug-in
 */
export type ColumnType = 'string' | 'int' | 'float' | 'bool' | 'datetime' | 'quantity' | 'range' | 'counts' | 'object';

export interface Table {
  readonly columns: Readonly<Record<string, Column>>;
  /** how `document_id` collapses; default: a set of at most 100 */
  readonly idAggregate?: Aggregate;
}

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

/**
 * A role: a list of inner entities under one name. It may unite several tables; an inner entity of a
 * table shows the table's columns under their own names unless a projection says otherwise.
 */
export interface Role {
  readonly tables: Readonly<Record<string, Projection>>;
  /** collapse by groups of equal values of these fields (lists compare as sets) instead of into one */
  readonly groupBy?: readonly string[];
  /** fields that exist in collapsed shape only, from a column of the (only) table */
  readonly collapsedOnly?: Readonly<Record<string, { readonly of: string; readonly aggregate: Aggregate }>>;
  /** what a document shows when there is none: nothing, or an empty list */
  readonly whenEmpty: 'omit' | 'list';
  /** API name, facet and manifest column of fields */
  readonly fields?: Readonly<Record<string, FieldUse>>;
}

/** `'columns'`: every column under its own name. Else field by field, in a role that unites tables. */
export type Projection = 'columns' | Readonly<Record<string, ProjectedField>>;
export type ProjectedField = { readonly column: string } | { readonly constant: string | null; readonly list?: true };

export interface FieldUse {
  /** name in filters, sorts and facets */
  readonly api?: string;
  readonly facet?: true;
  /** API name of another field, whose values are listed beside each term of this facet */
  readonly beside?: string;
  /** header in tabular manifests */
  readonly manifest?: string;
}

/**
 * The shape of a role in the documents of one entity type: `single` shows its only row as it is,
 * `list` shows all rows as they are, `collapsed` aggregates, `hidden` is not shown at all (the role
 * `replicas` relates a file to the verbatim documents of which it is a hub).
 */
export type Shape = 'single' | 'list' | 'collapsed' | 'hidden';

export interface EntityType {
  readonly roles: Readonly<Record<string, Shape>>;
  /** absent: indexed but not served */
  readonly served?: {
    /** API field names */
    readonly sort: string;
    readonly order: 'asc' | 'desc';
    readonly maxPage: number;
    /** whether documents of sources that the caller may not see are shown */
    readonly access: 'public' | 'by source';
    /** whether hits carry the list of bundles */
    readonly showsBundles: boolean;
  };
  /** fields of the document itself, computed after grouping, in this order */
  readonly computed: Readonly<Record<string, Computed>>;
}

/** The number 0 stands in for a sum without values; `max` falls back to another computed field. */
export type Computed = { readonly api?: string } & (
  | { readonly kind: 'sum'; readonly role: string; readonly column: string }
  | { readonly kind: 'max'; readonly role: string; readonly column: string; readonly otherwise: string }
  | { readonly kind: 'same'; readonly as: string }
);

/** A document in natural JSON: dates as text, quantities as objects, ranges as pairs, null as null. */
export interface Document {
  readonly entity_id: string;
  readonly contents: Readonly<Record<string, readonly Readonly<Record<string, Json>>[]>>;
  readonly sources: readonly SourceRef[];
  readonly bundles: readonly { readonly uuid: string; readonly version: string }[];
  readonly num_contributions: number;
  readonly [computed: string]: unknown;
}

export interface PresentContext {
  readonly entityType: string;
  readonly catalog: string;
  /** of the service, without a slash at the end */
  readonly baseUrl: string;
  /** ids; `'all'` where every source may be seen */
  readonly accessibleSources: ReadonlySet<string> | 'all';
}

export const setOf = (limit: number | null): Aggregate => ({ kind: 'set', limit });
export const drop: Aggregate = { kind: 'drop' };
/** Specification, indexing 13 */
export const defaultAggregate: Aggregate = setOf(100);
