import type { z } from 'zod';
import type { SourceRef } from '../config/sources.ts';
import type { Bundle } from './bundle.ts';
import type { Aggregate, Column, ColumnType, Table } from './columns.ts';
import type { Envelope } from './envelope.ts';
import type { BundleGenerator } from './generator.ts';
import type { Json } from './json.ts';
import type { ManifestShape } from './manifests.ts';
import type { NormalizedBundle } from './normalized.ts';
import type { SummaryShape } from './summary.ts';

export { defaultAggregate, drop, setOf } from './columns.ts';
export type { Aggregate, Column, ColumnType, Json, Table };

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
  /** how the files of a catalog are exported; absent: not at all */
  readonly manifests?: ManifestShape;
  /** what `/index/summary` answers; absent: nothing */
  readonly summary?: SummaryShape;
  /** @throws LazuliError `bundle_invalid` naming entity and field */
  readonly normalize: (bundle: Bundle) => NormalizedBundle;
  /** A document, as `decode` gives it, in the shape that the API answers. Pure. */
  readonly present: (document: Document, context: PresentContext) => unknown;
  /** Of what `present` gives for an entity type, for the documentation of the API; default: any object. */
  readonly hit?: (entityType: string) => z.ZodType;
  /**
   * Members of bundles that must not leave the repository as they are, such as in samples: JSON pointers (RFC 6901) in which
   * `*` stands for any member or element.
   */
  readonly sensitive?: readonly string[];
  /** Makes bundles up, for trials and benchmarks: `lazuli generate`. Loaded where it is asked for only. */
  readonly generator?: () => Promise<BundleGenerator>;
}

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
  /** a field of numbers of the same role, by which lists are sorted in the place of this one, a range, which has no order */
  readonly sortedBy?: string;
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
  /** what ids look like: a regular expression for the whole of one; default: a UUID in lower case */
  readonly id?: string;
  /** names in the API that fields have for this type alone, where they mean something else there; by `<role>.<field>` */
  readonly api?: Readonly<Record<string, string>>;
}

/**
 * Made of the rows that a document shows under a role, whatever their shape there: each inner entity counts once.
 *
 * - `sum`: of numbers; 0 where there is none
 * - `count`: of inner entities
 * - `distinct`: number of different values, null being one
 * - `min`, `max`: of numbers or moments; where there is none, another computed field of the same type, or null
 * - `same`: as another computed field
 *
 * Its type is that of the column for sums, least and greatest values, and a whole number for what is counted.
 */
export type Computed = { readonly api?: string } & (
  | { readonly kind: 'sum' | 'distinct'; readonly role: string; readonly column: string }
  | { readonly kind: 'count'; readonly role: string }
  | { readonly kind: 'min' | 'max'; readonly role: string; readonly column: string; readonly otherwise?: string }
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
