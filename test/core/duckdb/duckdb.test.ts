import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { text } from '../../../core/duckdb/sql.ts';

/** Rows of which the compressed file of 10,250 has as many bytes as that of 10,251. */
const rowsOf = (seed: number): string => `SELECT 'e' || i AS entity_id, ${seed} AS "commit", hash(i + ${seed}) AS hash,
    repeat('some text ${seed} ', ${1 + (seed % 40)}) || i AS body, [i, i + 1] AS list, {a: i, b: repeat('q', ${seed % 50})} AS struct
  FROM range(${1 + (seed % 3)}) t(i)`;

describe('DuckDB as everybody opens it', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'lazuli-duckdb-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('reads a file that has the name and size of one that was there a moment before', async () => {
    const instance = await openDuckDb({ threads: '2' });
    const connection = await instance.connect();
    const file = join(folder, 'rows.parquet');
    const sizes = new Set<number>();
    for (const seed of [10_250, 10_251]) {
      const options = 'FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 2048, STRING_DICTIONARY_PAGE_SIZE_LIMIT 65536';
      await connection.run(`COPY (${rowsOf(seed)}) TO ${text(file)} (${options})`);
      sizes.add(statSync(file).size);
      const found = await connection.runAndReadAll(
        `SELECT min("commit"), max("commit"), sum(hash)::VARCHAR = (SELECT sum(hash)::VARCHAR FROM (${rowsOf(seed)})), min(body)
          FROM read_parquet(${text(file)})`,
      );
      expect(found.getRows()[0]?.slice(0, 3)).to.deep.equal([seed, seed, true]);
      rmSync(file);
    }
    expect(sizes.size, 'else this says nothing').to.equal(1);
    connection.closeSync();
    instance.closeSync();
  });
});
