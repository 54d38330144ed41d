import type { SourceRef } from '../config/sources.ts';
import type { Json } from './json.ts';

/** A bundle as a repository plug-in fetched it. Numbers that need it are `RawNumber`s (see `json.ts`). */
export interface Bundle {
  readonly fqid: BundleFqid;
  readonly contents: Json;
  /** what the repository knows and the bundle doesn't say, such as `drs_domain` */
  readonly repository: Readonly<Record<string, string>>;
}

export interface BundleFqid {
  readonly source: SourceRef;
  /** lower-case */
  readonly uuid: string;
  readonly version: string;
}
