import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect } from 'chai';
import { Store } from '../../transform/store/store.ts';
import { zoo } from '../rigs/models/zoo.ts';
import { temporaryFolder } from '../rigs/streams/recording.ts';

const limits = { memoryBytes: 2 ** 28, threads: 2 };
/** More than DuckDB keeps together by itself. */
const rows = 130_000;
const insert = `INSERT INTO row_ids SELECT i // 100, i, i::VARCHAR FROM range(${rows}) t(i)`;

describe('A store', () => {
  it('keeps few rows together, so that few are written again where some go or come', async () => {
    await using folder = await temporaryFolder();
    const store = await Store.open(join(folder.path, 'store.duckdb'), zoo, limits);
    await store.run(insert);
    await store.run('CHECKPOINT');
    const most = await store.number(`SELECT max(rows) FROM (
      SELECT sum(count) AS rows FROM pragma_storage_info('row_ids') WHERE column_name = 'row' AND segment_type != 'VALIDITY' GROUP BY row_group_id)`);
    await store.close();
    expect(most).to.be.within(1, 30_000);
  });

  it('works on one thread where little is expected, and on all where much is', async () => {
    await using folder = await temporaryFolder();
    const store = await Store.open(join(folder.path, 'store.duckdb'), zoo, limits);
    const threads = [];
    for (const amount of ['much', 'little', 'little', 'much'] as const) {
      await store.expect(amount);
      threads.push(await store.number("SELECT current_setting('threads')"));
    }
    await store.close();
    const all = Math.min(limits.threads, availableParallelism());
    expect(threads).to.deep.equal([all, 1, 1, all]);
  });

  it('takes over one that kept more of them together', async () => {
    await using folder = await temporaryFolder();
    const file = join(folder.path, 'store.duckdb');
    await (await Store.open(file, zoo, limits)).close();
    const instance = await DuckDBInstance.create(file);
    await (await instance.connect()).run(insert);
    instance.closeSync();
    const store = await Store.open(file, zoo, limits);
    await store.run('DELETE FROM row_ids WHERE "row" < 100');
    await store.run(insert);
    await store.run('CHECKPOINT');
    const found = await store.number('SELECT count(*) FROM row_ids');
    await store.close();
    expect(found).to.equal(2 * rows - 100);
  });
});
