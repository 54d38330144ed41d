import { type RecordBatch, Table, tableToIPC } from 'apache-arrow';
import {
  Compression,
  EnabledStatistics,
  Table as ParquetTable,
  type WriterProperties,
  WriterPropertiesBuilder,
  writeParquet,
} from 'parquet-wasm';

/**
 * Writing consumes the properties, so each file gets its own. Files are small and read as a whole:
 * dictionaries and statistics would cost more time than they save, and after zstd no bytes either.
 */
function properties(): WriterProperties {
  return new WriterPropertiesBuilder()
    .setCompression(Compression.ZSTD)
    .setDictionaryEnabled(false)
    .setStatisticsEnabled(EnabledStatistics.None)
    .setCreatedBy('lazuli')
    .build();
}

/** One record batch as a Parquet file: zstd, one row group per million rows. */
export function toParquet(batch: RecordBatch): Uint8Array {
  return writeParquet(ParquetTable.fromIPCStream(tableToIPC(new Table([batch]), 'stream')), properties());
}
