/** A facet as the API shows it. */
export interface Facet {
  readonly terms: readonly Term[];
  readonly total: number;
  readonly type: 'terms';
  /** documents in terms beyond the limit; absent where there are none */
  readonly other?: number;
}

/** A value of a facet's field; null for documents without one. */
export interface Term {
  readonly term: unknown;
  /** documents; of nested fields, objects */
  readonly count: number;
  readonly [beside: string]: unknown;
}
