import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection, Json } from '@duckdb/node-api';
import { type Data, Field, makeData, RecordBatch, Schema, Struct } from 'apache-arrow';
import { expect } from 'chai';
import fc from 'fast-check';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import type { ColumnType } from '../../../core/model/metadata.ts';
import { declaredColumn } from '../../../core/staged/arrow/columns.ts';
import { toParquet } from '../../../core/staged/parquet/file.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { anyText } from '../../rigs/texts.ts';

/** A column with its values, and those values as DuckDB prints them. */
interface Case {
  readonly type: ColumnType;
  readonly list: boolean;
  readonly values: readonly unknown[];
}

const printed: Partial<Record<ColumnType, (value: never) => unknown>> = {
  int: String,
  range: ([low, high]: [unknown, unknown]) => ({ low, high }),
  counts: (counts: object) => Object.entries(counts).map(([key, count]) => ({ key, count: String(count) })),
  object: (value: unknown) => JSON.stringify(value),
};

function expected({ type, list, values }: Case): unknown[] {
  const print = (value: unknown) => (value === null ? null : (printed[type] ?? ((same) => same))(value as never));
  return values.map((value) => (list && value !== null ? (value as unknown[]).map(print) : print(value)));
}

/** @param kept values that stay when what was appended first, the rest the wrong way round, is taken back from there on */
function recordBatch(cases: readonly Case[], rows: number, kept: number): RecordBatch {
  const columns = cases.map(({ type, list, values }) => {
    const column = declaredColumn({ type, ...(list ? { list: true } : {}) });
    for (const value of [...values.slice(0, kept), ...values.slice(kept).reverse()]) column.append(value);
    column.truncate(kept);
    for (const value of values.slice(kept)) column.append(value);
    return column;
  });
  const fields = columns.map((column, i) => new Field(`c${i}`, column.type, true));
  const children = columns.map((column): Data => column.data());
  return new RecordBatch(
    new Schema(fields),
    makeData({ type: new Struct(fields), length: rows, nullCount: 0, children }),
  );
}

const text = anyText(60);
const number = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 8);
const values: Partial<Record<ColumnType, fc.Arbitrary<unknown>>> = {
  string: fc.oneof(
    text,
    fc.integer({ min: 0, max: 3000 }).map((length) => 'ä'.repeat(length)),
  ),
  int: fc.maxSafeInteger(),
  float: number,
  bool: fc.boolean(),
  range: fc.tuple(fc.option(number), fc.option(number)).filter(([a, b]) => a === null || b === null || a <= b),
  counts: fc.dictionary(
    text.map((key) => key.replaceAll('\\', '/')),
    fc.nat(),
    { noNullPrototype: true },
  ),
  object: fc.record({ a: text }, { noNullPrototype: true }),
};

/** Columns of one length, from one row to some thousand rows, with few or many nulls; and a number of rows. */
const tables = fc
  .tuple(fc.constantFrom(1, 7, 8, 9, 129, 300, 2000), fc.integer({ min: 0, max: 4 }))
  .chain(([rows, freq]) => {
    const nullable = <T>(arbitrary: fc.Arbitrary<T>) => (freq === 0 ? arbitrary : fc.option(arbitrary, { freq }));
    const columns = Object.entries(values).flatMap(([type, value]) =>
      [false, true].map((list) => {
        const one = nullable(list ? fc.array(nullable(value), { maxLength: 3 }) : value);
        // few values, repeated at random: cheap to make, and runs of levels have all lengths
        const some = fc.array(one, { minLength: 1, maxLength: 20 });
        const chosen = fc.array(fc.nat(), { minLength: rows, maxLength: rows, size: 'max' });
        return fc.tuple(some, chosen).map(([pool, indices]): Case => {
          return { type: type as ColumnType, list, values: indices.map((index) => pool[index % pool.length]) };
        });
      }),
    );
    return fc.record({ rows: fc.constant(rows), kept: fc.nat(rows), cases: fc.tuple(...columns) });
  });

describe('a record batch written as Parquet', function () {
  this.timeout(300_000);
  const folder = mkdtempSync(join(tmpdir(), 'parquet-'));
  let connection: DuckDBConnection;
  let files = 0;
  before(async () => {
    connection = await (await openDuckDb({})).connect();
  });
  after(() => {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  });

  /** Every file has a name of its own: DuckDB keeps what it read of a file. */
  async function read(bytes: Uint8Array): Promise<Json[][]> {
    const file = join(folder, `${files++}.parquet`);
    writeFileSync(file, bytes);
    return (await connection.runAndReadAll('SELECT * FROM read_parquet($file)', { file })).getColumnsJson();
  }

  it('is read as what was put in and not taken back, whatever the types, nulls and nesting', async () => {
    const property = fc.asyncProperty(tables, async ({ rows, kept, cases }) => {
      const columns = await read(toParquet(recordBatch(cases, rows, kept)));
      expect(columns).to.deep.equal(cases.map(expected));
    });
    await fc.assert(property, { numRuns: numRuns(200), seed: seed() });
  });
});
