import { createHash } from 'node:crypto';

/** What Firehose takes (Firehose quotas): records in a request, bytes of them, bytes of one of them. */
export const maxRecords = 500;
export const maxRequestBytes = 4 * 2 ** 20;
export const maxRecordBytes = 1000 * 2 ** 10;

/**
 * Records as lines, in requests that Firehose takes. In the place of a record that is too large goes a
 * line that says so, with its size and SHA-256: the record itself stays in its stream.
 */
export function requestsOf(records: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] {
  const requests: Uint8Array[][] = [];
  let bytes = 0;
  for (const record of records.map(lineOf)) {
    const last = requests.at(-1);
    if (last === undefined || last.length === maxRecords || bytes + record.length > maxRequestBytes) {
      requests.push([record]);
      bytes = record.length;
    } else {
      last.push(record);
      bytes += record.length;
    }
  }
  return requests;
}

function lineOf(record: Uint8Array): Uint8Array {
  const { length } = record;
  if (length < maxRecordBytes) return Buffer.concat([record, Buffer.from('\n')]);
  const sha256 = createHash('sha256').update(record).digest('hex');
  return Buffer.from(`${JSON.stringify({ too_large: { bytes: length, sha256 } })}\n`);
}
