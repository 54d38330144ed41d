import type { PresentContext } from '../../../../core/model/metadata.ts';
import { type Contents, type Inner, renamed, rowsOf } from './entities.ts';

/** How files are shown, beside their URL. */
export const fileShape = {
  contentDescription: 'content_description',
  format: 'file_format',
  isIntermediate: 'is_intermediate',
  name: 'name',
  sha256: 'sha256',
  size: 'size',
  fileSource: 'file_source',
  uuid: 'uuid',
  version: 'version',
  matrixCellCount: 'matrix_cell_count',
  drs_uri: 'drs_uri',
};

/** How groups of files are shown. */
export const fileSummaryShape = {
  format: 'file_format',
  count: 'count',
  totalSize: 'size',
  matrixCellCount: 'matrix_cell_count',
  isIntermediate: 'is_intermediate',
  contentDescription: 'content_description',
  fileSource: 'file_source',
};

export function files(contents: Contents, context: PresentContext): Inner[] {
  return rowsOf(contents, 'files').map((inner) => presentFile(inner, context));
}

/**
 * A file with the URL of its download, under the name that clients of the recorded API know, and under the one that today's
 * browsers read; a file without a DRS URI can't be downloaded.
 */
export function presentFile(inner: Inner, { baseUrl, catalog }: PresentContext): Inner {
  const { uuid, version, drs_uri } = inner;
  const query = new URLSearchParams({ catalog, version: String(version) });
  const url = drs_uri == null ? null : `${baseUrl}/repository/files/${String(uuid)}?${query}`;
  return { ...renamed(inner, fileShape), url, azul_url: url };
}

export function fileSummaries(contents: Contents): Inner[] {
  return rowsOf(contents, 'files').map((inner) => renamed(inner, fileSummaryShape));
}
