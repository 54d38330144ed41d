import type { SourceRef } from '../config/sources.ts';
import type { Identity } from './authentication.ts';
import type { BundleFqid } from './bundle.ts';
import type { Callbacks } from './callbacks.ts';
import type { FileBytes } from './file-bytes.ts';
import type { Portal } from './portals.ts';

/**
 * The contract of a repository plug-in, opened once for a catalog.
 *
 * Every function takes a signal. When it is aborted, nobody waits for the answer any more: the function ends its requests,
 * begins no others, and rejects with the signal's reason. A list rejects so between two bundles, too.
 */
export interface Repository {
  /** nobody else has to be asked what a caller may see, so the service remembers nothing of it; absent: it does for a minute */
  readonly answersAtOnce?: true;
  /** what it reads at present that takes long, for people who wait for it; absent: nothing does */
  readonly reading?: () => readonly Reading[];
  /** the configured sources with their ids */
  listSources(signal: AbortSignal): Promise<readonly SourceRef[]>;
  /**
   * Bundles whose UUID starts with the prefix, in lower case, in no particular order.
   *
   * @throws LazuliError `repository_unavailable` where they can't all be listed: what isn't is taken for gone
   */
  listBundles(source: SourceRef, prefix: string, signal: AbortSignal): AsyncIterable<BundleFqid>;
  /**
   * @throws LazuliError `bundle_missing` when there is no such bundle, `bundle_too_large` beyond
   *   `maxBytes`, `repository_unavailable` when trying again may help
   */
  fetchBundle(fqid: BundleFqid, maxBytes: number, signal: AbortSignal): Promise<FetchedBundle>;
  /**
   * Ids of the sources that a caller may see.
   *
   * @param identity where others have to be asked, ask in the name of its credential; without one the caller is anonymous
   *   to them
   * @throws LazuliError `unauthorized` where the repository refuses the credential, `too_many_requests` where it is asked
   *   too often, `repository_inconsistent` where it contradicts itself; callers learn of any other error as `unavailable`.
   *   The request fails, and nothing is shown
   */
  accessibleSources(identity: Identity, signal: AbortSignal): Promise<ReadonlySet<string>>;
  /**
   * What reading all of a source takes, found out without reading it; absent: nobody knows.
   *
   * @returns null where nobody knows
   * @throws LazuliError `repository_unavailable`
   */
  estimate?(source: SourceRef, signal: AbortSignal): Promise<readonly TableEstimate[] | null>;
  /**
   * Portals that can do something with what the catalog holds; absent: none.
   *
   * @throws LazuliError `repository_unavailable`
   */
  listPortals?(signal: AbortSignal): Promise<readonly Portal[]>;
  /**
   * Where a data file is that the caller may see; absent: where its own DRS URI says. It is asked again for what the
   * service sends, without a DRS URI then, and for nobody in particular: whoever has a signed URL has the file.
   *
   * @param identity who asks; the service has found the file among the sources that this caller may see
   * @returns null where it can't be had
   * @throws LazuliError `forbidden`, `download_failed`, `repository_unavailable`, or as `accessibleSources`
   */
  locateFile?(file: DataFile, identity: Identity, signal: AbortSignal): Promise<FilePlace | null>;
  /** how it reports changes by itself; absent: somebody has to notify of them */
  readonly callbacks?: Callbacks;
}

/** What reading a table of a source takes. */
export interface TableEstimate {
  readonly table: string;
  /** null where nobody knows */
  readonly rows: number | null;
  readonly bytes: number;
  /** what others charge for it; 0 where nobody does */
  readonly dollars: number;
}

/** A data file as documents tell of it. */
export interface DataFile {
  readonly uuid: string;
  readonly version: string;
  /** may have `/` in it, and anything else */
  readonly name: string;
  /** null where documents don't say */
  readonly size: number | null;
  readonly drsUri: string | null;
}

export type FilePlace =
  /** the service sends it */
  | { readonly kind: 'own'; readonly file: FileBytes }
  /** a DRS server says where */
  | { readonly kind: 'drs'; readonly uri: string }
  /** an HTTPS URL that is good for a while, and for anybody */
  | { readonly kind: 'url'; readonly url: string }
  /** that is being found out: ask again after so many seconds */
  | { readonly kind: 'later'; readonly seconds: number };

/** A bundle before it is parsed. */
export interface FetchedBundle {
  /** UTF-8 JSON */
  readonly bytes: Uint8Array;
  /** as the repository knows it: what a notification says is compared with it */
  readonly source: SourceRef;
  /** what the repository knows and the bundle doesn't say, such as `drs_domain` */
  readonly attributes: Readonly<Record<string, string>>;
}

/** How far the reading of a source is. */
export interface Reading {
  /** id */
  readonly source: string;
  /** that is being read; null between tables */
  readonly table: string | null;
  /** of that table */
  readonly rows: number | null;
  /** steps, of which some are tables */
  readonly done: number;
  readonly of: number;
}

export interface RepositoryPlugin {
  readonly name: string;
  /**
   * @param options the plug-in's part of the catalog's configuration, without `name`
   * @throws LazuliError `configuration_invalid`
   */
  open(options: unknown, sources: readonly string[]): Promise<Repository>;
}
