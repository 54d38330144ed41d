import { hash } from 'node:crypto';
import { byCodePoint } from '../core/config/text.ts';
import type { BundleFqid } from '../core/model/bundle.ts';
import type { Action } from '../core/staged/layout.ts';

/** Everything in which staged copies of a bundle, deletions or undeletions may differ: if all of it is equal, it is one copy. */
export interface StagedCopy {
  readonly action: Action;
  readonly fqid: BundleFqid;
  readonly number: number;
  readonly normalizerVersion: number;
  readonly contentHash: string;
  /** as fetched, in whatever order */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Attributes as they are staged: the same text in whatever order a repository names them. */
export function attributesText(attributes: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => byCodePoint(a, b))));
}

const withPart = (size: number, part: string): number => size + 4 + Buffer.byteLength(part);

/** The column `bundle` of all staged tables: 63 bits, so that it is positive in a signed column. */
export function bundleKey({ action, fqid, number, normalizerVersion, contentHash, attributes }: StagedCopy): bigint {
  const { source, uuid, version } = fqid;
  const text = attributesText(attributes);
  const parts = [action, source.id, source.spec, uuid, version, number, normalizerVersion, contentHash, text].map(
    String,
  );
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
