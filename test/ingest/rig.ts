import { mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import type { BundleFqid } from '../../core/model/bundle.ts';
import type { Action } from '../../core/staged/layout.ts';
import { type Manifest, manifestSchema, type Pointer } from '../../core/staged/layout.ts';
import type { NewDeadLetter } from '../../core/storage/dead-letter.ts';
import { FolderStore } from '../../core/storage/folder.ts';
import type { StreamRecord } from '../../core/streams/processor.ts';
import type { OpenCatalogs } from '../../ingest/catalogs.ts';
import { IngestMeter } from '../../ingest/counts.ts';
import { encodeNotification } from '../../ingest/notification.ts';
import { IngestProcessor } from '../../ingest/processor.ts';
import { defaultLimits } from '../rigs/default-limits.ts';
import { ToyRepository, toyCatalogs } from '../rigs/models/toy.ts';
import { timeless } from './time.ts';

/** shared, because starting one takes longer than most tests */
let duckdb: Promise<DuckDBInstance> | undefined;

export interface RigOptions {
  readonly limits?: Partial<typeof defaultLimits>;
  readonly catalogs?: (repository: ToyRepository) => OpenCatalogs;
  /** throws to stop ingest at that point */
  readonly fault?: (point: string) => void;
}

/** An ingest processor between a toy repository and a real staging folder, with its time in our hands. */
export class Rig {
  readonly folder = mkdtempSync(join(tmpdir(), 'lazuli-ingest-'));
  readonly repository = new ToyRepository();
  readonly store = new FolderStore(this.folder);
  readonly pointers: Pointer[] = [];
  readonly letters: NewDeadLetter[] = [];
  readonly checkpoints: (string | undefined)[] = [];
  /** what happened, in order */
  readonly log: string[] = [];
  /** milliseconds since the epoch */
  purgedUntil = 0;
  time = Date.parse('2026-11-22T12:00:00Z');
  readonly clock = timeless(() => this.time);
  readonly meter = new IngestMeter(this.clock.now);
  readonly #options: RigOptions;
  processor: IngestProcessor;
  #sequence = 0;

  constructor(options: RigOptions = {}) {
    this.#options = options;
    this.processor = this.#start();
  }

  #start(): IngestProcessor {
    const { limits: own, catalogs = (repository: ToyRepository) => toyCatalogs(repository) } = this.#options;
    return new IngestProcessor({
      catalogs: catalogs(this.repository),
      store: this.store,
      putPointer: async (pointer) => void this.pointers.push(pointer),
      deadLetters: {
        put: async (letter) => {
          this.log.push(`letter ${letter.reason}`);
          this.letters.push(letter);
        },
      },
      limits: { ...defaultLimits, ...own },
      clock: this.clock,
      purgedUntil: async () => this.purgedUntil,
      fault: (point) => {
        this.log.push(point);
        this.#options.fault?.(point);
      },
      meter: this.meter,
    });
  }

  /** Another processor, as after a crash. */
  restart(): void {
    this.processor = this.#start();
  }

  readonly checkpointer = {
    checkpoint: async (sequenceNumber?: string) => {
      this.checkpoints.push(sequenceNumber);
    },
  };

  record(action: Action, { source, uuid, version }: BundleFqid, catalog = 'toys'): StreamRecord {
    const number = action === 'add' ? 0 : 1;
    return this.raw(
      encodeNotification({ action, catalog, number, notification: { bundle_fqid: { uuid, version, source } } }),
    );
  }

  raw(data: Uint8Array): StreamRecord {
    return { sequenceNumber: String(++this.#sequence), partitionKey: 'p', data, arrived: this.time };
  }

  /** @param behind how far behind the tip: 0 closes a batch at once */
  process(records: readonly StreamRecord[], behind = 0): Promise<void> {
    return this.processor.processRecords({ records, checkpointer: this.checkpointer, millisBehindLatest: behind });
  }

  async manifests(catalog = 'toys'): Promise<Manifest[]> {
    const found: Manifest[] = [];
    for await (const key of this.store.list(`${catalog}/manifests/`)) {
      found.push(manifestSchema.parse(JSON.parse(await readFile(await this.store.localPath(key), 'utf8'))));
    }
    return found;
  }

  /** Rows of staged Parquet files, as DuckDB reads them; `$table` stands for all files of a table. */
  async query(sql: string, catalog = 'toys'): Promise<unknown[]> {
    duckdb ??= DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await (await duckdb).connect();
    try {
      const files = sql.replace(
        /\$(\w+)/g,
        (_, table) => `read_parquet('${this.folder}/${catalog}/${table}/*.parquet')`,
      );
      return (await connection.runAndReadAll(files)).getRowObjectsJson();
    } finally {
      connection.closeSync();
    }
  }

  dispose(): void {
    rmSync(this.folder, { recursive: true });
  }
}
