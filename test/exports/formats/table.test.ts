import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import fc from 'fast-check';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { text } from '../../../core/duckdb/sql.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { type Indexed, openRig } from './rig.ts';
import { parseTable, tableOf } from './table-reference.ts';
import { anyThings, thing, things } from './things.ts';

const compactOf = async (documents: readonly Indexed[]): Promise<string> => {
  await using rig = await openRig(things, 'files', documents);
  const { file } = await rig.write('compact', await rig.select('true'));
  return readFileSync(file, 'utf8');
};

describe('A selection as a table', function () {
  this.timeout(60_000);

  it('parses back to the cells that a plain reference makes, whatever the texts', async () => {
    const check = fc.asyncProperty(anyThings(5), async (documents) => {
      const table = parseTable(await compactOf(documents));
      expect(table).to.deep.equal(tableOf(documents));
    });
    await fc.assert(check, { numRuns: numRuns(400), seed: seed() });
  });

  it('is only a header where nothing is selected', async () => {
    expect(await compactOf([])).to.equal(`${tableOf([])[0]?.join('\t')}\r\n`);
  });

  it('quotes a text with a tab, a quote or a line break, and no other', async () => {
    const names = ['a\tb', 'a"b', 'a\nb', 'a\rb', 'a#b', "a'b", ' a', '', 'a || b', '\u0001', '\\', 'NULL'];
    const table = await compactOf(names.map((name, i) => thing({ document_id: `${i + 10}`, name })));
    const shown = table
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.split(/\t(?!b")/)[4]);
    expect(shown).to.deep.equal([
      '"a\tb"',
      '"a""b"',
      '"a\nb"',
      '"a\rb"',
      'a#b',
      "a'b",
      ' a',
      '',
      'a || b',
      '\u0001',
      '\\',
      'NULL',
    ]);
  });

  it('has the first hundred of the values that are known, shown in the document or not', async () => {
    const labels = Array.from({ length: 150 }, (_, i) => `l${String(i).padStart(3, '0')}`);
    const [shown, rest] = [labels.slice(0, 100), labels.slice(100)];
    const document = thing(
      { document_id: '1' },
      {
        // Of groups each has a list of its own.
        boxes: [{ label: rest }, { label: [...rest, null] }],
        tags: [{ word: shown.slice(0, 60) }],
        _rest: { contents: { boxes: [{ label: shown }], tags: [{ word: [...shown.slice(60), ...rest, null] }] } },
      },
    );
    const [, row] = parseTable(await compactOf([document]));
    expect([row?.[14], row?.[18]]).to.deep.equal([shown.join(' || '), shown.join(' || ')]);
  });

  it('is called by what it is about, if that is one thing, and else by nothing', async () => {
    const labelled = (id: string, label: string) => thing({ document_id: id }, { boxes: [{ label: [label] }] });
    const documents = [
      labelled('1', ' a/b\\c: \u00e9 "x" '),
      labelled('2', ' a/b\\c: \u00e9 "x" '),
      labelled('3', 'other'),
    ];
    await using rig = await openRig(things, 'files', documents);
    const nameOf = async (where: string) => (await rig.write('compact', await rig.select(where))).name;
    expect(await nameOf("entity_id < '3'")).to.equal('a_b_c_ e_ _x_ 2026-11-30 11.57.tsv');
    expect(await nameOf('true')).to.equal(null);
    expect(await nameOf('false')).to.equal(null);
  });

  it('is Parquet, too: typed, with all values of lists', async () => {
    const labels = Array.from({ length: 150 }, (_, i) => `l${String(i).padStart(3, '0')}`);
    const boxes = [
      { label: [...labels, null], open: [null], weight: null },
      { label: ['l000'], open: [true], weight: 7 },
    ];
    await using rig = await openRig(things, 'files', [thing({ document_id: '1', size: 5, name: null }, { boxes })]);
    const { file } = await rig.write('parquet', await rig.select('true'));
    const instance = await openDuckDb({});
    const connection = await instance.connect();
    const [row] = (await connection.runAndReadAll(`SELECT * FROM read_parquet(${text(file)})`)).getRowObjectsJS();
    connection.closeSync();
    instance.closeSync();
    const { file_size, file_shape, file_name, 'box.label': label, 'box.open': open, 'box.weight': weight } = row ?? {};
    expect({ file_size, file_shape, file_name, label, open, weight }).to.deep.equal({
      file_size: 5n,
      file_shape: 0.5,
      file_name: null,
      label: labels,
      open: [true],
      weight: [7n],
    });
  });
});
