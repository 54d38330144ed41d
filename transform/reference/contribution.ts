import type { BundleFqid } from '../../core/model/bundle.ts';

/** An object of JSON by member. */
export type Members = Readonly<Record<string, unknown>>;

/** `contents` of a contribution or document in natural JSON: inner entities by role. */
export type InnerEntities = Readonly<Record<string, readonly Members[]>>;

/** What a stored version of a bundle says about one outer entity. */
export interface Contribution {
  readonly fqid: BundleFqid;
  /** whether its bundle's documents are made of it */
  readonly selected: boolean;
  /** documents that the established system would have stored: the addition, and its deletion */
  readonly counts: number;
  /** only what is selected is looked at */
  readonly contents: InnerEntities;
}
