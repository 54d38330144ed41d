/** Where a worker process dies: the n-th time that it reaches a fault point. */
export interface Death {
  readonly point: string;
  readonly hit: number;
  /** a file that is written first, so that a point that is never reached can be told from one that is */
  readonly marker: string;
}

/** What a worker process tells its parent. */
export type Report =
  | { readonly url: string }
  | { readonly armed: string }
  | { readonly broken: string | null }
  | { readonly failed: string };

/**
 * Paces of consumers: tests don't wait for the rates of the real service. Each read takes client, proxies and emulator some
 * milliseconds of CPU: at fifty a second that was most of what these tests took.
 */
export const quick = {
  pollMillis: 100,
  idleMillis: 100,
  discoveryMillis: 500,
  backoff: { baseMillis: 10, capMillis: 200 },
};

/** Tests can't wait for a minute. */
export const reconcileMillis = 2_000;
export const retiredMillis = 500;
export const lookMillis = 200;

/** Every fault point of ingest, in the order in which a batch passes them. */
export const ingestPoints = [
  'ingest.fetched',
  'ingest.tables-written',
  'ingest.manifest-written',
  'ingest.pointer-put',
  'ingest.checkpointed',
] as const;

/** Every fault point that a batch passes in transform. */
export const loadingPoints = [
  'transform.loaded',
  'transform.computed',
  'transform.written',
  'transform.acknowledged',
  'transform.checkpointed',
] as const;

/** Every fault point of a merge of staged batches. */
export const compactionPoints = ['transform.compacted', 'transform.retired-files-deleted'] as const;

/** Every fault point of a copy of the store, and of its restore. */
export const copyPoints = ['transform.copy-parts-written', 'transform.copied'] as const;
export const restorePoints = ['transform.copy-read'] as const;

/** Every fault point of the removal of a source. */
export const removalPoints = ['transform.source-dropped'] as const;

/** Every fault point of a rebuild. */
export const rebuildPoints = ['transform.bucket-built', 'transform.rebuilt', 'transform.swapped'] as const;

/** Every fault point of a builder, in the order in which a bucket passes them. */
export const builderPoints = [
  'transform.bucket-taken',
  'transform.bucket-computed',
  'transform.bucket-written',
  'transform.bucket-stored',
  'transform.bucket-reported',
] as const;

/** Every fault point of an owner that has builders. */
export const sharingPoints = ['transform.shared', 'transform.bucket-noted'] as const;

/** Tests can't wait for a minute: how long an owner waits for builders, and how often these ask. */
export const patience = { lease: 2_000, absence: 5_000 };
export const builderPace = { idle: 100, beat: 300 };

/** Every fault point of a snapshot of documents. */
export const snapshotPoints = [
  'transform.snapshot-written',
  'transform.snapshot-recorded',
  'transform.snapshot-published',
] as const;

/** Every fault point of a job of an export worker. */
export const exportPoints = [
  'exports.claimed',
  'exports.selected',
  'exports.written',
  'exports.stored',
  'exports.noted',
] as const;

/** Every fault point of ingest while it stages a repository anew. */
export const restagingPoints = ['ingest.restaging-listed', 'ingest.restaged', 'ingest.restaging-staged'] as const;

/** Every fault point of transform while what was staged anew takes the place of what was. */
export const replacementPoints = [
  'transform.carried-over',
  'transform.replaced',
  'transform.replacement-loaded',
] as const;
