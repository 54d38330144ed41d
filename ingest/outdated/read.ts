import type { DuckDBValue } from '@duckdb/node-api';
import { openDuckDb } from '../../core/duckdb/duckdb.ts';
import type { BundleFqid } from '../../core/model/bundle.ts';
import { documentsTable } from '../../core/model/normalized.ts';
import type { ObjectStore } from '../../core/runtime/ports.ts';
import { type Action, bundlesTable, type Manifest, tableKey } from '../../core/staged/layout.ts';
import type { PlacedDocument } from '../verbatim/places.ts';

/** What was staged of a notification, but for what a plug-in made of it. */
export interface StagedNotification {
  readonly action: Action;
  readonly number: number;
  readonly fqid: BundleFqid;
  readonly contentHash: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly documents: readonly PlacedDocument[];
}

/** Bundles that are read at a time. */
const atOnce = 64;

/** Everything in a staged batch, whatever version of the plug-in has normalized it. */
export async function* readBatch(
  { catalog, batch, tables }: Manifest,
  objects: ObjectStore,
): AsyncGenerator<StagedNotification> {
  if (tables[bundlesTable.name] === undefined) return;
  const instance = await openDuckDb({ memory_limit: '256MiB', threads: '1' });
  const connection = await instance.connect();
  const rows = async (sql: string, values: Record<string, DuckDBValue>) =>
    (await connection.runAndReadAll(sql, values)).getRowObjects();
  const pathOf = async (table: string): Promise<string> => objects.localPath(tableKey(catalog, table, batch));
  try {
    const bundles = await rows('FROM read_parquet($file) ORDER BY bundle', { file: await pathOf(bundlesTable.name) });
    const file = tables[documentsTable] === undefined ? null : await pathOf(documentsTable);
    for (let i = 0; i < bundles.length; i += atOnce) {
      const some = bundles.slice(i, i + atOnce);
      const [low, high] = [some[0]?.bundle ?? null, some.at(-1)?.bundle ?? null];
      const documents =
        file === null
          ? []
          : await rows(
              `SELECT bundle, pointer, contents FROM read_parquet($file)
               WHERE bundle BETWEEN $low AND $high ORDER BY bundle, "row"`,
              { file, low, high },
            );
      const byBundle = Map.groupBy(documents, ({ bundle }) => bundle);
      for (const row of some) yield notificationOf(row, byBundle.get(row.bundle as DuckDBValue) ?? []);
    }
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

type Row = Readonly<Record<string, DuckDBValue>>;

function notificationOf(row: Row, documents: readonly Row[]): StagedNotification {
  return {
    action: String(row.action) as Action,
    number: Number(row.number),
    fqid: {
      source: { id: String(row.source_id), spec: String(row.source_spec) },
      uuid: String(row.bundle_uuid),
      version: String(row.bundle_version),
    },
    contentHash: String(row.content_hash),
    attributes: JSON.parse(String(row.attributes)) as Record<string, string>,
    documents: documents.map(({ pointer, contents }) => ({ pointer: String(pointer), contents: String(contents) })),
  };
}
