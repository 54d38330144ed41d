import { expect } from 'chai';
import fc from 'fast-check';
import { attachedName, attachment, genericName, safeFileName } from '../../../core/exports/file-names.ts';
import { numRuns, seed } from '../../rigs/property.ts';

describe('Names of exports', () => {
  it('stay as they are where any system takes them', () => {
    const name = 'Single of human pancreas, 95% (v2) [a] 1985-10-25 01.21.tsv';
    expect(safeFileName(name)).to.equal(name);
  });

  it('act on no shell, path or header, whatever they are made of', () => {
    const names: readonly [given: string, safe: string][] = [
      ['../../etc/passwd', '_.._etc_passwd'],
      ['a"b\\c.tsv', 'a_b_c.tsv'],
      ['-o evil.tsv', 'o evil.tsv'],
      ['two\r\nlines\u202e.tsv', 'two__lines_.tsv'],
      ['  . ', 'manifest'],
      ['half \ud800 pair.tsv', 'half \ufffd pair.tsv'],
    ];
    expect(names.map(([given]) => safeFileName(given))).to.deep.equal(names.map(([, safe]) => safe));
  });

  it('are no longer than file systems take, and keep their end', () => {
    const name = safeFileName(`${'Ünïcode '.repeat(100)}2026-01-01 10.00.tsv`);
    expect(Buffer.byteLength(name)).to.be.within(190, 200);
    expect(name).to.match(/^Ünïcode .*\.tsv$/);
  });

  it('are safe for any text, and are then their own safe names', () => {
    const property = fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      const name = safeFileName(text);
      expect(name).to.match(/^[^\p{C}<>:"/\\|?*]+$/u);
      expect(Buffer.byteLength(name)).to.be.within(1, 200);
      expect(attachment(name)).to.match(/^[\x20-\x7e]+$/);
      expect(attachedName(attachment(name))).to.equal(name);
    });
    fc.assert(property, { seed: seed(), numRuns: numRuns(1000) });
  });

  it('are written into headers so that old and new clients read them', () => {
    expect(attachment('a b.tsv')).to.equal('attachment; filename="a b.tsv"');
    expect(attachment("Ä'(1).tsv")).to.equal(`attachment; filename="_'(1).tsv"; filename*=UTF-8''%C3%84%27%281%29.tsv`);
  });

  it('are made safe where somebody else has written the header', () => {
    const written: readonly [header: string, name: string | null][] = [
      ['attachment; filename="../../.bashrc"', '_.._.bashrc'],
      ['attachment; filename="a"; filename*=UTF-8\'\'..%2Fb%0A', '_b_'],
      ['attachment; filename="a"; filename*=UTF-8\'\'%E0%A4%A', 'a'],
      ['inline', null],
    ];
    expect(written.map(([header]) => attachedName(header))).to.deep.equal(written.map(([, name]) => name));
  });

  it('say which export it is where they say nothing else', () => {
    const hash = Buffer.from(Array.from({ length: 32 }, (_, i) => i)).toString('base64url');
    expect(genericName('hca', { hash }, 'tsv')).to.equal(
      'hca-manifest-00010203-0405-0607-0809-0a0b0c0d0e0f.10111213-1415-1617-1819-1a1b1c1d1e1f.tsv',
    );
  });
});
