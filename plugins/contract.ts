/**
 * What a plug-in outside of the clone imports, as `lazuli/plugin` (docs/plug-ins.md): types of the contract, and what
 * they can't do without. Nothing else of the clone is for plug-ins.
 */

import type { AuthenticationPlugin } from '../core/model/authentication.ts';
import type { MetadataPlugin } from '../core/model/metadata.ts';
import type { RepositoryPlugin } from '../core/model/repository.ts';

export { z } from 'zod';
export { LazuliError } from '../core/config/errors.ts';
export type { PageSignIn, SignIn } from '../core/config/sign-in.ts';
export { parseSourceSpec, partitionPrefixes, type SourceRef } from '../core/config/sources.ts';
export { type Authentication, bearerToken, Credential, type Identity } from '../core/model/authentication.ts';
export type { Bundle, BundleFqid } from '../core/model/bundle.ts';
export { declareEntityTypes, declareRoles, declareTables } from '../core/model/declare.ts';
export type { ByteRange, FileBytes } from '../core/model/file-bytes.ts';
export type { BundleGenerator, GeneratedBundle, Settled } from '../core/model/generator.ts';
export { numberOf, parseVerbatim } from '../core/model/json.ts';
export {
  type Column,
  type Document,
  drop,
  type EntityType,
  type Json,
  type PresentContext,
  type Role,
  setOf,
  type Table,
} from '../core/model/metadata.ts';
export { type NormalizedBundle, NormalizedBundleBuilder, replicasRole } from '../core/model/normalized.ts';
export type { Portal } from '../core/model/portals.ts';
export type { DataFile, FetchedBundle, FilePlace, Repository, TableEstimate } from '../core/model/repository.ts';
export type { AuthenticationPlugin, MetadataPlugin, RepositoryPlugin };

/** Raised when a plug-in that was right may be so no more. */
export const contractVersion = 1;

/** Plug-ins by their kinds. */
export interface Kinds {
  readonly metadata: MetadataPlugin;
  readonly repository: RepositoryPlugin;
  readonly authentication: AuthenticationPlugin;
}

export type Kind = keyof Kinds;

/** What a folder or package of plug-ins exports as `plugins`. */
export type Plugins = {
  /** the version of the contract for which they are written */
  readonly contract: typeof contractVersion;
} & { readonly [K in Kind]?: readonly Kinds[K][] };
