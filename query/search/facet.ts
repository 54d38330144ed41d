/** A facet as the API shows it. */
export interface Facet {
  readonly terms: readonly Term[];
  readonly total: number;
  readonly type: 'terms';
  /** in terms beyond the limit: documents, or of fields that hold objects, objects; absent where there are none */
  readonly other?: number;
}

/** A value of a facet's field; null for documents without one. */
export interface Term {
  readonly term: unknown;
  /** documents */
  readonly count: number;
  readonly [beside: string]: unknown;
}
