import { LazuliError } from '../core/config/errors.ts';
import { documentsTable, type NormalizedBundle } from '../core/model/normalized.ts';

/**
 * Refuses what no document can show: a value with more text than a document may have. Verbatim metadata is in none.
 *
 * @param bytes of the bundle as JSON: a small one has no large value
 * @throws LazuliError `bundle_too_large`, naming row and field
 */
export function expectValuesFit({ rows }: NormalizedBundle, bytes: number, maxBytes: number): void {
  if (bytes <= maxBytes) return;
  for (const { table, id, values } of rows) {
    if (table === documentsTable) continue;
    for (const [field, value] of Object.entries(values)) {
      const size = textBytes(value);
      if (size <= maxBytes) continue;
      throw new LazuliError('bundle_too_large', `'${field}' has ${size} bytes; ${maxBytes} are allowed in a document`, {
        place: { entity: `${table}/${id ?? '?'}`, field },
        remedy: 'Shorten the value, or raise limits.documentBytes, then notify again or redrive.',
      });
    }
  }
}

/** Of all texts in a value. */
function textBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 0;
  let bytes = 0;
  for (const member of Object.values(value)) bytes += textBytes(member);
  return bytes;
}
