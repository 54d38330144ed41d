import type { StreamEntry } from '../../../core/streams/producer.ts';

/** Limits that keep tests short. */
export const quick = { pollMillis: 5, idleMillis: 20, discoveryMillis: 50, backoff: { baseMillis: 5, capMillis: 50 } };

/** Records that hold a number each. */
export const entries = (from: number, to: number, keys = 20): readonly StreamEntry[] =>
  Array.from({ length: to - from }, (_, i) => ({
    partitionKey: `key ${(from + i) % keys}`,
    data: Buffer.from(String(from + i)),
  }));

/** What such records hold. */
export const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => String(from + i));

export const sorted = (texts: readonly string[]) => [...texts].sort((a, b) => Number(a) - Number(b));
