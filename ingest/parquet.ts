import { type RecordBatch, Table, tableToIPC } from 'apache-arrow';
import {
  Compression,
  EnabledStatistics,
  Table as ParquetTable,
  type WriterProperties,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm';

/** JSON texts hardly repeat: a dictionary of them costs time and saves nothing. */
const withoutDictionary = ['contents', 'attributes'];

/** Writing consumes the properties, so each file gets its own. */
function properties(): WriterProperties {
  const builder = new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setStatisticsEnabled(EnabledStatistics.Chunk)
    .setCreatedBy('lazuli');
  return withoutDictionary
    .reduce(
      (b, column) =>
        b.setColumnDictionaryEnabled(column, false).setColumnStatisticsEnabled(column, EnabledStatistics.None),
      builder,
    )
    .build();
}

/** One record batch as a Parquet file: zstd, one row group per million rows. */
export function toParquet(batch: RecordBatch): Uint8Array {
  return writeParquet(ParquetTable.fromIPCStream(tableToIPC(new Table([batch]), 'stream')), properties());
}
