/** Time and chance come in from outside, so that tests can hold them still. */
export interface Clock {
  /** milliseconds since the epoch */
  now(): number;
  /** Resolves after `millis`, or rejects with the signal's reason. */
  sleep(millis: number, signal?: AbortSignal): Promise<void>;
}

/** A folder or a bucket. Keys use `/`; values are whole objects and never change in part. */
export interface ObjectStore {
  /** Atomic: readers see the whole object or none. */
  put(key: string, value: Uint8Array): Promise<void>;
  /** @returns false, and writes nothing, where the key exists */
  putIfAbsent(key: string, value: Uint8Array): Promise<boolean>;
  /** @returns null where there is no such key */
  get(key: string): Promise<Uint8Array | null>;
  delete(key: string): Promise<void>;
  /** keys that start with the prefix, ascending */
  list(prefix: string): AsyncIterable<string>;
  /** a local file that holds the object, for engines that read files; it isn't deleted while used */
  localPath(key: string): Promise<string>;
}

/** Small objects, a few hundred kilobytes at most, some of which workers race for. */
export type Records = Omit<ObjectStore, 'localPath'>;

/**
 * A named place in a process at which a test may stop or kill it; absent in production. Names are
 * listed in `docs/faults.md`.
 */
export type FaultPoint = (name: string) => void;
export const noFaults: FaultPoint = () => {};
