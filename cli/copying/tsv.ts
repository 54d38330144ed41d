import { textOf } from '../../core/config/text.ts';

const maxRow = 2 ** 20;
const [quote, lineFeed] = [0x22, 0x0a];

/**
 * Rows of a table of tab-separated values, where cells may be quoted and then hold tabs, line ends, and quotes that are doubled.
 *
 * @throws RangeError, TypeError where a row is too long, or no UTF-8
 */
export async function* tsvRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly string[]> {
  let row: Uint8Array[] = [];
  let bytes = 0;
  let isQuoted = false;
  const take = (part: Uint8Array): void => {
    row.push(part);
    bytes += part.length;
    if (bytes > maxRow) throw new RangeError(`it has a row of more than ${maxRow} bytes`);
  };
  const end = (): readonly string[] => {
    const cells = cellsOf(textOf(Buffer.concat(row)));
    [row, bytes] = [[], 0];
    return cells;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let i = 0; i < chunk.length; i++) {
      if (chunk[i] === quote) isQuoted = !isQuoted;
      if (chunk[i] !== lineFeed || isQuoted) continue;
      take(chunk.subarray(start, i));
      yield end();
      start = i + 1;
    }
    take(chunk.slice(start));
  }
  if (bytes > 0) yield end();
}

/** A cell, and what ends it. */
const cell = /(?:"((?:[^"]|"")*)"|([^\t"][^\t]*)?)(\t|$)/y;

function cellsOf(row: string): readonly string[] {
  const text = row.replace(/\r$/, '').replace(/^\ufeff/, '');
  const cells: string[] = [];
  cell.lastIndex = 0;
  for (let found = cell.exec(text); found !== null; found = cell.exec(text)) {
    const [, quoted, plain = '', mark] = found;
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    if (mark === '') return cells;
  }
  throw new RangeError(`row '${text.slice(0, 100)}' has a quote that ends nowhere`);
}
