import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { LazuliError } from '../../../core/config/errors.ts';
import { jsonTextOf, wholeJson } from '../../../core/config/text.ts';
import { deadLetter } from '../../../core/storage/dead-letter.ts';

const thrown = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('messages', () => {
  it('have at most 2,000 characters, with both ends', () => {
    const text = `begins ${'😀'.repeat(10_000)} ends`;
    const about = { catalog: 'hca', stage: 'ingest', kind: 'notification', identity: 'i', payload: null } as const;
    const { message, remedy } = new LazuliError('bundle_invalid', text, { remedy: text });
    for (const one of [message, remedy ?? '', deadLetter(new Error(text), about).message]) {
      expect(one.length).to.be.within(1900, 2000);
      expect(one.isWellFormed()).to.equal(true);
      expect(one).to.match(/^begins .*… \(\d+ characters left out\) ….* ends$/);
    }
    expect(new LazuliError('bundle_invalid', 'short').message).to.equal('short');
  });

  it('say what else than JSON a file is', () => {
    const text = '{"a": 1}';
    for (const [bytes, form] of [
      [gzipSync(text), 'compressed with gzip'],
      [Buffer.from(`\ufeff${text}`, 'utf16le'), 'UTF-16'],
      [Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'UTF-16'],
      [Buffer.from(text, 'utf16le'), 'UTF-16 or UTF-32'],
    ] as const) {
      expect(thrown(() => jsonTextOf(bytes))).to.equal(`it is ${form}, not text in UTF-8`);
    }
    expect(jsonTextOf(Buffer.from(`\ufeff${text}`))).to.equal(text);
  });

  it('say that a document is nested too deeply, whatever its texts hold', () => {
    const nested = (levels: number, inner: string) =>
      `${'[{"a":'.repeat(levels / 2)}${inner}${'}]'.repeat(levels / 2)}`;
    const texts = JSON.stringify(['['.repeat(2000), '\\', '"[', '{'.repeat(2000)]);
    expect(thrown(() => wholeJson(nested(498, texts)))).to.equal('');
    for (const inner of ['1', texts, '"\\ud800"'])
      expect(thrown(() => wholeJson(nested(200_000, inner)))).to.equal('it is nested more than 500 levels deep');
  });
});
