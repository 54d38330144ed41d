import { expect } from 'chai';
import { joined, release } from '../../../core/http/bytes.ts';

describe('bytes', () => {
  it('are put together in memory of their own, with texts', () => {
    const bytes = joined([Buffer.from('a'), Buffer.from(''), 'é', Buffer.from('bc')]);
    expect([bytes.toString(), bytes.buffer.byteLength]).to.deep.equal(['aébc', 5]);
    expect(joined([]).length).to.equal(0);
  });

  it('give their memory back when they are released, unless others share it', () => {
    const own = Buffer.alloc(3, 'own') as Buffer<ArrayBuffer>;
    release(own);
    expect(own.length).to.equal(0);
    const whole = Buffer.alloc(4, 'all!') as Buffer<ArrayBuffer>;
    release(whole.subarray(2));
    expect(whole.toString()).to.equal('all!');
  });
});
