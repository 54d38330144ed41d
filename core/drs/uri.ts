import { LazuliError } from '../config/errors.ts';

/** Where a DRS object is described (GA4GH DRS 1.4, 2.2 and Appendix "Compact Identifier-Based URIs"). */
export type DrsUri =
  /** `host` in lower case, with or without a port; `id` as it stands in a path; `query` with its `?`, or empty */
  | { readonly kind: 'host'; readonly host: string; readonly id: string; readonly query: string }
  | { readonly kind: 'compact'; readonly prefix: string; readonly accession: string };

const maxLength = 4096;
/** A host name or address with or without a port, and one segment of a path, in which a colon has to be percent-encoded, and a backslash, which URLs take for a slash. */
const regular = /^drs:\/\/([A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9A-Fa-f:.]+\](?::\d{1,5})?)\/([^/\\?#:]+)(\?[^#]*)?$/;
/** A provider's code, as in `ega/dataset:1`, is not known here. */
const compact = /^drs:\/\/([A-Za-z0-9._-]+):([A-Za-z0-9._~%-]+)$/;
const visible = /^[\x21-\x7e]+$/;

/**
 * Compact identifiers are known by the colon behind the scheme; `drs://host:8080/id` has a port.
 *
 * @throws LazuliError `download_failed`
 */
export function parseDrsUri(uri: string): DrsUri {
  if (uri.length <= maxLength && visible.test(uri)) {
    const [, host, id, query = ''] = regular.exec(uri) ?? [];
    if (host !== undefined && id !== undefined && staysInside(id))
      return { kind: 'host', host: host.toLowerCase(), id, query };
    const [, prefix, accession] = compact.exec(uri) ?? [];
    if (prefix !== undefined && accession !== undefined && staysInside(accession))
      return { kind: 'compact', prefix, accession };
  }
  throw new LazuliError('download_failed', `'${uri.slice(0, 200)}' is no DRS URI that can be followed.`, {
    remedy: 'Tell the operators of the catalog: the repository names a wrong location for this file.',
  });
}

/** Whether a segment of a path, once decoded, leads to nothing above it. */
export function staysInside(segment: string): boolean {
  try {
    return decodeURIComponent(segment)
      .split(/[\\/]/)
      .every((part) => part !== '.' && part !== '..');
  } catch {
    return false;
  }
}
