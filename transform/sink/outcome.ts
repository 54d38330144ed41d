import { LazuliError } from '../../core/config/errors.ts';
import type { BulkItem, StoredDocument } from './answers.ts';

/**
 * What became of one item of a bulk request (architecture, invariant 12). `stale` is success: the
 * index holds something newer of this epoch. `conflict` needs the stored hash to be told apart.
 */
export type Outcome =
  | { readonly kind: 'ok' | 'stale' }
  | { readonly kind: 'retry'; readonly reason: string }
  | { readonly kind: 'dead'; readonly reason: string }
  | { readonly kind: 'pause'; readonly reason: string }
  | { readonly kind: 'superseded'; readonly reason: string }
  /** the same version is stored already: fine if its content is the same */
  | { readonly kind: 'same version' };

/** Versions are `epoch · 2^32 + commit` (invariant 9), below 2^53. */
export const versionOf = (epoch: number, commit: number): number => epoch * 2 ** 32 + commit;
export const epochOf = (version: number): number => Math.floor(version / 2 ** 32);
/** Beyond it a version would no longer be an exact JavaScript number. */
export const maxEpoch = 2 ** 21 - 1;

/** Ends a worker that another one has superseded. */
export function superseded(reason: string): LazuliError {
  return new LazuliError('superseded', `Another worker owns this catalog: ${reason}`, {
    remedy: 'This worker stops and drops its work; the other one does it.',
  });
}

const currentVersion = /current version \[(\d+)\]/;

/** @param version with which the item was sent */
export function outcomeOf(item: BulkItem, version: number): Outcome {
  const { status } = item;
  if (status < 300) return { kind: 'ok' };
  const reason = `${status} ${item.error?.type ?? ''}: ${item.error?.reason ?? 'no reason given'}`;
  if (status === 409) return conflict(item, version, reason);
  if (status < 400 || status === 429 || status >= 500) return { kind: 'retry', reason };
  if (status === 401 || status === 403 || status === 404) return { kind: 'pause', reason };
  return { kind: 'dead', reason };
}

function conflict(item: BulkItem, version: number, reason: string): Outcome {
  const current = Number(currentVersion.exec(item.error?.reason ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(current)) return { kind: 'retry', reason };
  return current === version ? { kind: 'same version' } : newer(current, version, reason);
}

const newer = (current: number, version: number, reason: string) =>
  epochOf(current) > epochOf(version) ? ({ kind: 'superseded', reason } as const) : ({ kind: 'stale' } as const);

/**
 * What became of an item whose version the index had already. Between that answer and this look another worker may have
 * written something newer, or dropped the index.
 *
 * @param stored null where there is none
 * @param sent the item's document
 * @param version with which it was sent
 */
export function outcomeOfStored(
  stored: StoredDocument<Readonly<Record<string, unknown>>> | null,
  sent: Readonly<Record<string, unknown>>,
  version: number,
): Exclude<Outcome, { kind: 'dead' | 'pause' | 'same version' }> | { readonly kind: 'violated' } {
  if (stored === null || stored._version < version) return { kind: 'retry', reason: 'no such document is stored' };
  const { _version: current, _source: found } = stored;
  if (current > version) return newer(current, version, `version ${current} is stored`);
  return found._hash === sent._hash && found._deleted === sent._deleted ? { kind: 'ok' } : { kind: 'violated' };
}
