import { expect } from 'chai';
import type { ServedEntity } from '../../query/catalogs.ts';
import type { ServingIndex } from '../../query/opensearch.ts';
import { Serving } from '../../query/search/serving.ts';

const entity = { alias: 'plants_sheets', type: 'sheets' } as ServedEntity;
const first: ServingIndex = { name: 'plants_sheets_g1', uuid: 'one' };
const second: ServingIndex = { name: 'plants_sheets_g2', uuid: 'two' };

/** Aliases that are resolved by hand, one answer for each question. */
function byHand() {
  const asked: PromiseWithResolvers<ServingIndex | undefined>[] = [];
  const serving = new Serving({
    serving: () => {
      const question = Promise.withResolvers<ServingIndex | undefined>();
      asked.push(question);
      return question.promise;
    },
  });
  return { asked, request: () => serving.with(entity, async ({ uuid }) => uuid) };
}

const aTurn = () => new Promise(setImmediate);

describe('the index that serves', () => {
  it('is asked for once by all who came since it was asked for last', async () => {
    const { asked, request } = byHand();
    const early = request();
    const late = [request(), request(), request()];
    await aTurn();
    expect(asked).to.have.length(1);
    asked[0]?.resolve(first);
    expect(await early).to.equal('one');
    await aTurn();
    expect(asked).to.have.length(2);
    asked[1]?.resolve(second);
    expect(await Promise.all(late)).to.deep.equal(['two', 'two', 'two']);
    const again = request();
    expect(asked).to.have.length(3);
    asked[2]?.resolve(first);
    expect(await again).to.equal('one');
  });

  it('is asked for again after a failure, which only those are told of who waited for it', async () => {
    const { asked, request } = byHand();
    const early = request();
    const late = request();
    asked[0]?.reject(new Error('out of order'));
    const failure = await early.then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(failure).to.equal('out of order');
    await aTurn();
    asked[1]?.resolve(first);
    expect(await late).to.equal('one');
  });
});
