import { hash } from 'node:crypto';
import type { BundleFqid } from '../plugins/metadata.ts';
import type { Action } from './layout.ts';

/** Everything that identifies one staged copy of a bundle, one deletion or one restore. */
export interface StagedCopy {
  readonly action: Action;
  readonly fqid: BundleFqid;
  readonly number: number;
  readonly normalizerVersion: number;
  readonly contentHash: string;
}

const withPart = (size: number, part: string): number => size + 4 + Buffer.byteLength(part);

/** The column `bundle` of all staged tables: 63 bits, so that it is positive in a signed column. */
export function bundleKey({ action, fqid, number, normalizerVersion, contentHash }: StagedCopy): bigint {
  const parts = [action, fqid.source.id, fqid.uuid, fqid.version, number, normalizerVersion, contentHash].map(String);
  // each after its length, so that no two copies are the same text
  const bytes = Buffer.allocUnsafe(parts.reduce(withPart, 0));
  let end = 0;
  for (const part of parts) {
    const size = bytes.write(part, end + 4);
    bytes.writeUInt32BE(size, end);
    end += 4 + size;
  }
  return BigInt.asUintN(63, BigInt(`0x${hash('sha256', bytes, 'hex').slice(0, 16)}`));
}
