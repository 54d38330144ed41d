import { createHash } from 'node:crypto';
import type { BundleFqid } from '../plugins/metadata.ts';

/** Everything that identifies one staged copy of a bundle, or one deletion. */
export interface StagedCopy {
  readonly action: 'add' | 'delete';
  readonly fqid: BundleFqid;
  readonly number: number;
  readonly normalizerVersion: number;
  readonly contentHash: string;
}

/** The column `bundle` of all staged tables: 63 bits, so that it is positive in a signed column. */
export function bundleKey({ action, fqid, number, normalizerVersion, contentHash }: StagedCopy): bigint {
  const hash = createHash('sha256');
  const length = Buffer.alloc(4);
  for (const part of [action, fqid.source.id, fqid.uuid, fqid.version, number, normalizerVersion, contentHash]) {
    const bytes = Buffer.from(String(part), 'utf8');
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  }
  return BigInt.asUintN(63, hash.digest().readBigUInt64BE());
}
