import { createHash } from 'node:crypto';
import { z } from 'zod';
import { all, type Filter, filterSchema } from '../documents/filter.ts';
import type { FormatName } from '../model/manifests.ts';
import { canonicalJson } from './canonical.ts';
import { formatTypes } from './formats.ts';

const formatName = z.custom<FormatName>((name) => typeof name === 'string' && Object.hasOwn(formatTypes, name));

/**
 * What an export is made of: all that decides about its bytes, and nothing that says who asked. It crosses from the
 * service to the export worker.
 */
export const exportRequestSchema = z.strictObject({
  catalog: z.string(),
  /** of the documents that it is about */
  entityType: z.string(),
  format: formatName,
  /** of the format */
  version: z.int(),
  /** explicit conditions of the caller, as `filters` says them */
  filter: filterSchema,
  /** canonical text of the explicit filters */
  filters: z.string(),
  /** ids of sources of which documents may show, in order: those of the catalog that the caller may see */
  sources: z.array(z.string()),
  /** number of the snapshot */
  snapshot: z.int(),
  /** of the service, without a slash at the end: URLs of files begin so */
  baseUrl: z.string(),
});
export type ExportRequest = z.output<typeof exportRequestSchema>;

/** The condition on documents: those of the caller's filters of which the caller may see all sources. */
export const selectedBy = ({ filter, sources }: ExportRequest): Filter =>
  all([filter, { kind: 'only', path: 'sources.id', values: sources }]);

/** Identifies an export: equal requests on equal documents have equal keys, and equal bytes. */
export interface ManifestKey {
  /** base64url of a SHA-256, 43 characters */
  readonly hash: string;
}

/** `filter` follows from `filters`, and `entityType` from `catalog` and `format`. */
export function manifestKey(request: ExportRequest): ManifestKey {
  const { snapshot, catalog, format, version, filters, sources, baseUrl } = request;
  const parts = [snapshot, catalog, format, version, filters, sources, baseUrl];
  return { hash: createHash('sha256').update(canonicalJson(parts)).digest('base64url') };
}

/** The hash of a key, wherever one is read. */
export const keyHash = z.string().regex(/^[\w-]{43}$/);
