import type { FormatName } from '../model/manifests.ts';

/** What is known of a format before anything is written in it. */
export interface FormatType {
  /** of file names, without a dot */
  readonly extension: string;
  readonly contentType: string;
  /** Part of an export's key: raised whenever the same documents make other bytes. */
  readonly version: number;
}

/** By name (specification, manifests 1). */
export const formatTypes: Readonly<Record<FormatName, FormatType>> = {
  compact: { extension: 'tsv', contentType: 'text/tab-separated-values; charset=utf-8', version: 1 },
  curl: { extension: 'curlrc', contentType: 'text/plain; charset=utf-8', version: 1 },
  'terra.bdbag': { extension: 'zip', contentType: 'application/octet-stream', version: 1 },
  'terra.pfb': { extension: 'avro', contentType: 'application/octet-stream', version: 2 },
  'verbatim.jsonl': { extension: 'jsonl', contentType: 'application/jsonl', version: 2 },
  'verbatim.pfb': { extension: 'avro', contentType: 'application/octet-stream', version: 2 },
  parquet: { extension: 'parquet', contentType: 'application/vnd.apache.parquet', version: 1 },
};
