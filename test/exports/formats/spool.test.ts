import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { byCodePoint } from '../../../core/config/text.ts';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { text } from '../../../core/duckdb/sql.ts';
import { byNumber } from '../../../exports/formats/numbered.ts';
import { inOrder } from '../../../exports/formats/spool.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { anyText } from '../../rigs/texts.ts';
import { openRig } from './rig.ts';
import { things } from './things.ts';

describe('Texts that wait in a file', function () {
  this.timeout(600_000);

  it('come back in the order of their ids, or numbers, as they were, also where they are longer than what is read at a time', async () => {
    await using rig = await openRig(things, 'files', []);
    const selection = await rig.select('true');
    const long = fc.nat({ max: 1_500_000 }).map((length) => 'x'.repeat(length));
    const anyTexts = fc.array(
      fc.tuple(fc.string({ unit: 'grapheme-ascii', maxLength: 30 }), fc.oneof(anyText(), anyText(), long)),
      { maxLength: 12 },
    );
    const check = fc.asyncProperty(anyTexts, async (all) => {
      const sorted = all.toSorted(([a], [b]) => byCodePoint(a, b)).map(([, value]) => value);
      const rows = all.map(([id, value]) => `(${text(id)}, ${text(value)}, ${sorted.indexOf(value)})`);
      const none = "(SELECT '' AS i, '' AS v, 0 AS n WHERE false)";
      const from = rows.length === 0 ? none : `(VALUES ${rows.join(', ')}) t(i, v, n)`;
      const file = join(selection.temporary, 'texts');
      expect(await textsOf(inOrder(selection, { id: 'i', value: 'v', from }, file))).to.deep.equal(sorted);
      const once = [...new Set(sorted)];
      expect(await textsOf(byNumber(selection, { id: 'n', value: 'v', from }, file))).to.deep.equal(once);
      expect(readdirSync(selection.temporary)).to.deep.equal([]);
    });
    await fc.assert(check, { numRuns: numRuns(600), seed: seed() });
  });

  it('need little memory however many there are, and come once where the same number comes often', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lazuli-spool-'));
    const options = { memory_limit: '64MiB', threads: '2', temp_directory: join(folder, 'spill') };
    const instance = await openDuckDb(options);
    const connection = await instance.connect();
    try {
      const statements = {
        run: (sql: string) => connection.run(sql),
        async *stream(sql: string) {
          yield* (await connection.stream(sql)).yieldRowObjectJs();
        },
      };
      const from = `(SELECT lpad((r % ${different})::VARCHAR, 6, '0') AS i, repeat(md5(i), 32) AS v FROM range(${3 * different}) t(r))`;
      const rows = { id: 'i::INTEGER', value: 'concat(i, v)', from };
      let next = 0;
      for await (const some of byNumber(statements, rows, join(folder, 'texts')))
        for (const one of some) expect(Number(one.toString('utf8', 0, 6))).to.equal(next++);
      expect(next).to.equal(different);
    } finally {
      connection.closeSync();
      instance.closeSync();
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** Buffers are there until the next ones are asked for. */
async function textsOf(found: AsyncIterable<readonly Buffer[]>): Promise<string[]> {
  const texts: string[] = [];
  for await (const some of found) texts.push(...some.map((one) => one.toString()));
  return texts;
}

/** Of 1 KB each; all rows are three times of what there is room for. */
const different = 60_000;
