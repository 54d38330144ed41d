import { expect } from 'chai';
import { shown } from '../../../core/http/refusal.ts';

describe('a value in a message', () => {
  it('is JSON, cut where it is long', () => {
    expect([undefined, null, 1, 'a"b', { a: [true] }].map(shown)).to.deep.equal([
      'undefined',
      'null',
      '1',
      '"a\\"b"',
      '{"a":[true]}',
    ]);
    expect(shown('x'.repeat(100))).to.equal(`"${'x'.repeat(78)}…`);
    expect(shown(Array.from({ length: 1_000_000 }, () => 1))).to.have.length(80);
  });

  it('may be nested more deeply than JSON can be written', () => {
    const deep = JSON.parse('['.repeat(200_000) + ']'.repeat(200_000));
    expect(() => JSON.stringify(deep)).to.throw(RangeError);
    expect(shown(deep)).to.equal('[[[[[[[["…"]]]]]]]]');
  });
});
