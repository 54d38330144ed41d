import { expect } from 'chai';
import fc from 'fast-check';
import {
  byCodePoint,
  hasHalfPair,
  jsonTextOf,
  parsedJson,
  shownText,
  textOf,
  wholeJson,
} from '../../../core/config/text.ts';
import { openDuckDb } from '../../../core/duckdb/duckdb.ts';
import { text } from '../../../core/duckdb/sql.ts';
import { numRuns, seed } from '../../rigs/property.ts';
import { anyText, anyTextOrHalf, halves, oddTexts } from '../../rigs/texts.ts';

describe('A text', () => {
  for (const [name, read] of Object.entries({ textOf, shownText })) {
    it(`comes out of its bytes as it was: ${name}`, () => {
      for (const one of oddTexts) expect(read(Buffer.from(one))).to.equal(one);
    });
  }

  it('is nothing that is no UTF-8, but can be shown', () => {
    const bytes = Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0xff]);
    expect(() => textOf(bytes)).to.throw(TypeError);
    expect(shownText(bytes)).to.equal('\ufeffa\ufffd');
  });

  it('comes out of DuckDB as it went in, wherever it stands and by whatever way', async () => {
    const instance = await openDuckDb({});
    const connection = await instance.connect();
    try {
      const property = fc.asyncProperty(anyText(30), async (one) => {
        const literal = text(one);
        const sql = `SELECT ${literal} AS literal, $one AS bound, [${literal}] AS list, {m: ${literal}} AS struct,
          to_json(${literal})::VARCHAR AS json, hex(${literal}) AS bytes`;
        const reader = await connection.runAndReadAll(sql, { one });
        const [row] = reader.getRowObjectsJson();
        const bytes = Buffer.from(one).toString('hex').toUpperCase();
        const json = { literal: one, bound: one, list: [one], struct: { m: one }, bytes };
        expect({ ...row, json: JSON.parse(String(row?.json)) }).to.deep.equal({ ...json, json: one });
        expect(reader.getRowObjects()[0]).to.include({ literal: one, bound: one });
      });
      const examples = oddTexts.map((one): [string] => [one]);
      await fc.assert(property, { numRuns: numRuns(2_000) + examples.length, seed: seed(), examples });
    } finally {
      connection.closeSync();
      instance.closeSync();
    }
  });

  it('comes before another one where its UTF-8 does', () => {
    const bytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));
    const property = fc.property(anyText(), anyText(), (a, b) => {
      expect(Math.sign(byCodePoint(a, b))).to.equal(bytes(a, b));
    });
    fc.assert(property, { numRuns: numRuns(20_000), seed: seed() });
  });
});

describe('A JSON document', () => {
  it('may have a byte order mark, which is no part of it; one inside of it is', () => {
    const json = JSON.stringify({ a: '\ufeffx' });
    expect(jsonTextOf(Buffer.from(`\ufeff${json}`))).to.equal(json);
    expect(parsedJson(Buffer.from(`\ufeff${json}`))).to.deep.equal({ a: '\ufeffx' });
    expect(wholeJson(`\ufeff${json}`)).to.deep.equal({ a: '\ufeffx' });
    expect(() => parsedJson(Buffer.from(`\ufeff\ufeff${json}`))).to.throw(SyntaxError);
  });

  it('from outside is refused for half of a surrogate pair, in values and names, escaped or not, and for nothing else', () => {
    for (const half of halves) {
      for (const value of [half, [half], { [half]: 1 }, { a: { b: [half] } }]) {
        expect(() => wholeJson(JSON.stringify(value)), JSON.stringify(value)).to.throw(SyntaxError, 'surrogate');
      }
      expect(() => wholeJson(`"${half}"`)).to.throw(SyntaxError, 'surrogate');
    }
    for (const whole of ['"\\ud83d\\ude00"', '"\\uD83D\\uDE00"', '"\\\\ud800"', '"\\\\\\\\ud800"']) {
      expect(wholeJson(whole)).to.equal(JSON.parse(whole));
    }
  });

  it('has half of a surrogate pair where one of its texts is not well-formed', () => {
    const property = fc.property(fc.array(anyTextOrHalf()), (texts) => {
      expect(hasHalfPair(JSON.stringify(texts))).to.equal(texts.some((one) => !one.isWellFormed()));
    });
    fc.assert(property, { numRuns: numRuns(5_000), seed: seed() });
  });
});
