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

/** An item of the answer to a bulk request, as far as it is asked for. */
export interface BulkItem {
  readonly status: number;
  readonly error?: { readonly type?: string; readonly reason?: string };
}

/** Versions are `epoch · 2^32 + commit` (invariant 9), below 2^53. */
export const versionOf = (epoch: number, commit: number): number => epoch * 2 ** 32 + commit;
export const epochOf = (version: number): number => Math.floor(version / 2 ** 32);
/** Beyond it a version would no longer be an exact JavaScript number. */
export const maxEpoch = 2 ** 21 - 1;

const currentVersion = /current version \[(\d+)\]/;

/** @param version with which the item was sent */
export function outcomeOf(item: BulkItem, version: number): Outcome {
  const { status } = item;
  if (status < 300) return { kind: 'ok' };
  const reason = `${status} ${item.error?.type ?? ''}: ${item.error?.reason ?? 'no reason given'}`;
  if (status === 409) return conflict(item, version, reason);
  if (status === 429 || status >= 500) return { kind: 'retry', reason };
  if (status === 401 || status === 403 || status === 404) return { kind: 'pause', reason };
  return { kind: 'dead', reason };
}

function conflict(item: BulkItem, version: number, reason: string): Outcome {
  const current = Number(currentVersion.exec(item.error?.reason ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(current)) return { kind: 'retry', reason };
  if (current === version) return { kind: 'same version' };
  return epochOf(current) > epochOf(version) ? { kind: 'superseded', reason } : { kind: 'stale' };
}
