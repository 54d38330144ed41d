import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { expect } from 'chai';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import type { ColumnType } from '../../../core/model/metadata.ts';
import { declaredColumn } from '../../../core/staged/arrow/columns.ts';
import { toParquet } from '../../../core/staged/parquet/file.ts';
import { parquetReaders, python } from '../../rigs/python.ts';
import { oddTexts } from '../../rigs/texts.ts';

/** Columns with a type, whether they are lists, and what they hold in turns, as JSON prints it. */
const columns: readonly (readonly [name: string, type: ColumnType, list: boolean, values: readonly unknown[]])[] = [
  ['text', 'string', false, [...oddTexts, null, '', 'x'.repeat(1000)]],
  ['whole', 'int', false, [1, null, -5, 2 ** 53 - 1]],
  ['real', 'float', false, [1.5, null, -0.25]],
  ['truth', 'bool', false, [true, null, false]],
  ['range', 'range', false, [[1, 2], null, [null, 3], [4, null]]],
  ['texts', 'string', true, [['a', null], [], null, [...oddTexts]]],
  ['wholes', 'int', true, [[1, null], [], null, [7]]],
  ['ranges', 'range', true, [[[1, 2], null], [], null]],
  ['counts', 'counts', false, [{ a: 1, b: 2 }, null, {}]],
];
const rows = 500;
const at = (values: readonly unknown[], row: number): unknown => values[row % values.length];

const struct = (value: unknown): unknown => (value === null ? null : { low: at2(value, 0), high: at2(value, 1) });
const at2 = (value: unknown, i: number): unknown => (value as readonly unknown[])[i];
function shown(name: string, value: unknown): unknown {
  if (value === null) return null;
  if (name === 'range') return struct(value);
  if (name === 'ranges') return (value as readonly unknown[]).map(struct);
  return name === 'counts' ? Object.entries(value as object).map(([key, count]) => ({ key, count })) : value;
}
const expected = Object.fromEntries(
  columns.map(([name, , , values]) => [name, Array.from({ length: rows }, (_, row) => shown(name, at(values, row)))]),
);

function fresh(): Uint8Array {
  const built = columns.map(([, type, list, values]) => {
    const column = declaredColumn({ type, ...(list ? { list: true } : {}) });
    for (let row = 0; row < rows; row++) column.append(at(values, row));
    return column;
  });
  const fields = built.map((column, i) => new Field(String(columns[i]?.[0]), column.type, true));
  const data = makeData({
    type: new Struct(fields),
    length: rows,
    nullCount: 0,
    children: built.map((one) => one.data()),
  });
  return toParquet(new RecordBatch(new Schema(fields), data));
}

const program = `
import json, sys, math
import numpy as np, pandas as pd
def plain(value):
    if isinstance(value, (list, tuple, np.ndarray)): return [plain(one) for one in value]
    if isinstance(value, dict): return {name: plain(one) for name, one in value.items()}
    if value is None or value is pd.NA or (isinstance(value, float) and math.isnan(value)): return None
    return value.item() if isinstance(value, np.generic) else value
def columns(frame): return {name: plain(list(frame[name])) for name in frame.columns}
def read(reader, file):
    if reader == 'pyarrow':
        import pyarrow.parquet as pq
        return pq.read_table(file).to_pydict()
    if reader == 'polars':
        import polars as pl
        return pl.read_parquet(file).to_dict(as_series=False)
    if reader == 'duckdb':
        import duckdb
        found = duckdb.sql(f"from '{file}'")
        return dict(zip(found.columns, map(list, zip(*found.fetchall()))))
    if reader == 'fastparquet':
        import fastparquet
        return columns(fastparquet.ParquetFile(file).to_pandas())
    return columns(pd.read_parquet(file, engine=reader.removeprefix('pandas with ')))
print(json.dumps(read(*sys.argv[1:])))
`;

describe('Staged files', function () {
  this.timeout(600_000);
  const folder = mkdtempSync(join(tmpdir(), 'readers-'));
  const files = { fresh: join(folder, 'fresh.parquet'), merged: join(folder, 'merged.parquet') };
  let packages: string;
  before(async function () {
    const found = parquetReaders();
    if ('missing' in found) {
      console.log(`      skipped: ${found.missing}`);
      return this.skip();
    }
    packages = found.folder;
    writeFileSync(files.fresh, fresh());
    const instance = await openDuckDb({});
    const connection = await instance.connect();
    // As a merge writes them.
    await connection.run(
      `COPY (FROM '${files.fresh}') TO '${files.merged}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 8192)`,
    );
    connection.closeSync();
    instance.closeSync();
  });
  after(() => rmSync(folder, { recursive: true }));

  const whole = ['pyarrow', 'polars', 'duckdb'];
  const readers = [...whole, 'pandas with pyarrow', 'pandas with fastparquet', 'fastparquet'];
  for (const [kind, file] of Object.entries(files)) {
    for (const reader of readers) {
      it(`are read by ${reader}: ${kind}`, () => {
        const found: Record<string, unknown> = JSON.parse(python(packages, program, { args: [reader, file] }));
        // Pandas has whole numbers with nulls as doubles; fastparquet has structs flat, and doesn't know lists of structs.
        const names = reader.includes('fastparquet') ? ['text', 'real', 'texts', 'wholes'] : Object.keys(expected);
        const exact = whole.includes(reader) ? names : names.filter((name) => name !== 'whole');
        for (const name of exact) expect(found[name], name).to.deep.equal(expected[name]);
        if (reader.includes('fastparquet')) {
          const ends = (expected.range as ({ low: unknown; high: unknown } | null)[]).map((one) => one?.low ?? null);
          expect(found['range.low']).to.deep.equal(ends);
        }
      });
    }
  }
});
