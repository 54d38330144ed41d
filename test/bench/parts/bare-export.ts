import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import avro from 'avsc';
import { documentColumns } from '../../../core/documents/document-columns.ts';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { name, text, texts } from '../../../core/duckdb/sql.ts';
import { Snapshots } from '../../../core/exports/snapshots.ts';
import { documentsTable } from '../../../core/model/normalized.ts';
import { localPaths, stagedKeys } from '../../../core/staged/batches.ts';
import { FolderStore } from '../../../core/storage/folder.ts';
import { type AvroRecord, avroType } from '../../../exports/formats/pfb/avro.ts';
import { hca } from '../../../plugins/metadata/hca/plugin.ts';
import { answer } from '../machine/part.ts';
import { catalog } from '../staging.ts';

/** The least that anyone can do who writes the same. */
export type BareExportPart = {
  /** Columns of tables, lists joined, rows as they come. */
  readonly table: (argument: CopyOptions) => Promise<null>;
  /** Verbatim entities of all bundles, as they come. */
  readonly lines: (argument: CopyOptions) => Promise<null>;
  /** Reads all records of a file into memory; returns their number. */
  readonly read: (argument: { file: string }) => Promise<number>;
  /** Writes what was read. */
  readonly encode: (argument: { file: string }) => Promise<null>;
};

interface CopyOptions {
  readonly staging: string;
  readonly file: string;
  readonly memoryBytes: number;
}

let kept: { readonly type: avro.Type; readonly records: readonly unknown[] } | undefined;

const methods: BareExportPart = {
  async table({ staging, file, memoryBytes }) {
    const objects = new FolderStore(staging);
    const snapshot = await new Snapshots(objects, catalog).newest();
    const keys = (snapshot?.types.files?.base ?? []).map(({ key }) => key);
    const columns = documentColumns(hca, 'files').filter(({ field }) => field?.use.manifest !== undefined);
    const shown = columns.map((column) =>
      column.list ? `array_to_string(${name(column.name)}, ' || ') AS ${name(column.name)}` : name(column.name),
    );
    const lists = ['source_ids', 'source_specs', 'bundle_uuids', 'bundle_versions'].map(
      (one) => `array_to_string(${one}, ' || ') AS ${one}`,
    );
    const select = `SELECT ${[...lists, ...shown].join(', ')} FROM read_parquet(${texts(await localPaths(keys, objects))})`;
    await copy(`COPY (${select}) TO ${text(file)} (FORMAT csv, DELIMITER '\t', HEADER)`, memoryBytes);
    return null;
  },
  async lines({ staging, file, memoryBytes }) {
    const objects = new FolderStore(staging);
    const keys = (await stagedKeys(catalog, objects)).get(documentsTable) ?? [];
    const select = `SELECT concat('{"value":', contents, ',"type":"', replica_type, '"}')
      FROM read_parquet(${texts(await localPaths(keys, objects))}) WHERE replica_type IS NOT NULL`;
    await copy(
      `COPY (${select}) TO ${text(file)} (FORMAT csv, DELIMITER '\t', QUOTE '', ESCAPE '', HEADER false)`,
      memoryBytes,
    );
    return null;
  },
  async read({ file }) {
    const records: unknown[] = [];
    let type: avro.Type | undefined;
    // Under the names by which the library takes it.
    const parseHook = (schema: AvroRecord): avro.Type => {
      type = avroType(schema);
      return type;
    };
    for await (const record of avro.createFileDecoder(file, { parseHook } as never)) records.push(record);
    if (type === undefined) throw new Error('The file has no schema');
    kept = { type, records };
    return records.length;
  },
  async encode({ file }) {
    if (kept === undefined) throw new Error('Nothing was read');
    const encoder = new avro.streams.BlockEncoder(kept.type, { codec: 'deflate' });
    const done = pipeline(encoder, createWriteStream(file));
    for (const [i, record] of kept.records.entries()) {
      encoder.write(record);
      if (i % together === 0) await nextTurn();
    }
    encoder.end();
    await done;
    return null;
  },
};

/** Records after which blocks get a turn to be compressed. */
const together = 500;

async function copy(statement: string, memoryBytes: number): Promise<void> {
  const instance = await openDuckDb({ memory_limit: `${Math.floor(memoryBytes / 2 ** 20)}MiB`, threads: '2' });
  const connection = await instance.connect();
  try {
    await connection.run(statement);
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

export const run = (): void => answer(methods);
