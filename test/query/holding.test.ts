import { expect } from 'chai';
import { holdBack } from '../../query/http/holding.ts';

describe('Answers that are held back', () => {
  it('leave half of the connections to others', async () => {
    const callers = new AbortController();
    const forever = () => new Promise<never>(() => {});
    const asked = Array.from({ length: 501 }, () =>
      holdBack(callers.signal, forever).catch((error: { code?: string }) => error.code ?? 'left'),
    );
    expect(await asked.at(-1)).to.equal('overloaded');
    callers.abort({});
    expect(new Set(await Promise.all(asked.slice(0, -1)))).to.deep.equal(new Set(['left']));
    expect(await holdBack(new AbortController().signal, async () => 'held')).to.equal('held');
  });
});
