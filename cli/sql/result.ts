import {
  type DuckDBDecimalValue,
  type DuckDBResult,
  type DuckDBResultReader,
  DuckDBTypeId,
  type DuckDBValueConverter,
  type Json,
  JsonDuckDBValueConverter,
} from '@duckdb/node-api';
import { jsonInteger } from '../output.ts';

/** What a statement gives, a part at a time. Rows can be gone through once, in one of the two ways. */
export interface SqlStream {
  /** Those of one name are numbered, `a` and `a:1`. */
  readonly columns: readonly string[];
  /** As `rows` of `SqlResult`. */
  rows(): AsyncIterable<readonly (readonly Json[])[]>;
  /** For people, and for CSV: as DuckDB writes them, null as nothing, nested values as JSON. */
  texts(): AsyncIterable<readonly (readonly string[])[]>;
}

/** What a statement gave. */
export interface SqlResult {
  /** Those of one name are numbered, `a` and `a:1`. */
  readonly columns: readonly string[];
  /**
   * For programs. A number where each reader of JSON has it exactly: integers up to 2^53, decimals of up to 15 digits,
   * finite floating-point numbers; others are text, as are dates, times, intervals, UUIDs and bytes. Lists are lists,
   * structs are objects, maps are lists of `{key, value}`.
   */
  readonly rows: readonly (readonly Json[])[];
}

/** Values are converted when they are asked for. */
export function resultOf(reader: DuckDBResultReader): SqlResult {
  return {
    columns: reader.deduplicatedColumnNames(),
    get rows() {
      return reader.convertRows(asJson);
    },
  };
}

/** @param explained reads a part, and says of an error what it means */
export function streamOf(result: DuckDBResult, explained: <T>(work: () => Promise<T>) => Promise<T>): SqlStream {
  async function* parts<T>(converter: DuckDBValueConverter<T>): AsyncGenerator<(T | null)[][]> {
    for (;;) {
      const chunk = await explained(() => result.fetchChunk());
      if (chunk === null || chunk.rowCount === 0) return;
      yield chunk.convertRows(converter);
    }
  }
  return {
    columns: result.deduplicatedColumnNames(),
    rows: () => parts(asJson),
    async *texts() {
      for await (const rows of parts(asText)) yield rows.map((row) => row.map((cell) => cell ?? ''));
    },
  };
}

const integers: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.HUGEINT,
  DuckDBTypeId.UHUGEINT,
  DuckDBTypeId.BIGNUM,
]);

const nested: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.LIST,
  DuckDBTypeId.ARRAY,
  DuckDBTypeId.STRUCT,
  DuckDBTypeId.MAP,
  DuckDBTypeId.UNION,
  DuckDBTypeId.VARIANT,
]);

const asJson: DuckDBValueConverter<Json> = (value, type, converter) => {
  if (value === null) return null;
  if (integers.has(type.typeId)) return jsonInteger(value as bigint);
  if (type.typeId === DuckDBTypeId.DECIMAL) return jsonDecimal(value as DuckDBDecimalValue);
  if (type.typeId === DuckDBTypeId.INTERVAL) return String(value);
  return JsonDuckDBValueConverter(value, type, converter);
};

const asText: DuckDBValueConverter<string> = (value, type) => {
  if (value === null) return null;
  return nested.has(type.typeId) ? JSON.stringify(asJson(value, type, asJson)) : String(value);
};

/** A floating-point number gives so many digits back as they were. */
const maxDigits = 15;

function jsonDecimal(value: DuckDBDecimalValue): number | string {
  const digits = String(value.value).replace('-', '').length;
  return digits <= maxDigits ? Number(String(value)) : String(value);
}
