import type { DuckDBValue } from '@duckdb/node-api';
import type { Filter } from '../../core/documents/filter.ts';
import type { DocumentSnapshot } from '../../core/exports/snapshots.ts';
import type { MetadataPlugin } from '../../core/model/metadata.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';

export type Row = Readonly<Record<string, DuckDBValue>>;

export interface SelectionParts {
  readonly objects: ObjectStore;
  readonly catalog: string;
  readonly plugin: MetadataPlugin;
  readonly entityType: string;
  readonly snapshot: DocumentSnapshot;
  readonly filter: Filter;
  /** a folder of its own, which goes when it is closed */
  readonly temporary: string;
  readonly limits: { readonly memoryBytes: number; readonly temporaryBytes: number; readonly threads: number };
}

/** Statements on what was selected. */
export interface Statements {
  run(sql: string): Promise<void>;
  /** Rows in chunks, one chunk in memory at a time. */
  stream(sql: string): AsyncIterable<readonly Row[]>;
}
