import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import { openEach } from '../../plugins/opening.ts';

const refusal = (of: string) => new LazuliError('configuration_invalid', `${of} is wrong`);

describe('Catalogs', () => {
  it('are opened side by side, and are in the order of the configuration', async () => {
    const last = Promise.withResolvers<void>();
    const { open, refused } = await openEach({ a: 1, b: 2, c: 3 }, async (name, settings) => {
      if (name === 'c') last.resolve();
      await last.promise;
      return `${name}${settings}`;
    });
    expect([...open]).to.deep.equal(Object.entries({ a: 'a1', b: 'b2', c: 'c3' }));
    expect(refused.size).to.equal(0);
  });

  it('that are refused leave the others alone, and are named', async () => {
    const { open, refused } = await openEach({ a: 1, b: 2 }, async (name) => {
      if (name === 'a') throw refusal(name);
      return name;
    });
    expect([...open.keys()]).to.deep.equal(['b']);
    expect([...refused].map(([name, { place }]) => [name, place])).to.deep.equal([['a', { catalog: 'a' }]]);
  });

  it('are an error where all are refused, and where anything else goes wrong', async () => {
    const wrong = async (name: string) => Promise.reject(refusal(name));
    const broken = async (name: string) => (name === 'b' ? Promise.reject(new TypeError('out of order')) : name);
    const errors = [wrong, broken].map((open) => openEach({ a: 1, b: 2 }, open).catch((error: Error) => error));
    expect((await Promise.all(errors)).map((error) => (error as Error).message)).to.deep.equal([
      'a is wrong',
      'out of order',
    ]);
  });
});
