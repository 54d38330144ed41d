import { expect } from 'chai';
import { catalogSchema } from '../../config/catalogs.ts';
import type { Repository } from '../../plugins/repository.ts';
import { catalogOf, type ServedEntity } from '../../query/catalogs.ts';
import type { ServingIndex } from '../../query/opensearch.ts';
import { type HitsFrom, Serving } from '../../query/search/serving.ts';
import { until } from '../streams/until.ts';
import { herbarium } from './herbarium.ts';

const settings = { atlas: 'x', plugins: { metadata: { name: 'x' }, repository: { name: 'x' } }, sources: [] };

const [sheets] = catalogOf('t', 'plants', catalogSchema.parse(settings), herbarium, {} as Repository).entities.values();
const entity = sheets as ServedEntity;
const first: ServingIndex = { name: `${entity.alias}_g1`, uuid: 'one' };
const second: ServingIndex = { name: `${entity.alias}_g2`, uuid: 'two' };

/** Aliases that are resolved by hand, one answer for each question. */
function byHand() {
  const asked: PromiseWithResolvers<ServingIndex | undefined>[] = [];
  const layouts: string[] = [];
  const serving = new Serving({
    serving: async () => {
      const question = Promise.withResolvers<ServingIndex | undefined>();
      asked.push(question);
      const index = await question.promise;
      return new Map(index === undefined ? [] : [[entity.alias, index]]);
    },
    layout: async ({ uuid }) => {
      layouts.push(uuid);
      return { layout: entity.layout, build: null };
    },
  });
  return { asked, layouts, request: () => serving.with(entity, async ({ index: { uuid } }) => uuid) };
}

const aTurn = () => new Promise(setImmediate);

describe('the index that serves', () => {
  it('is asked for once by all who came since it was asked for last', async () => {
    const { asked, layouts, request } = byHand();
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
    await aTurn();
    expect(asked).to.have.length(3);
    asked[2]?.resolve(first);
    expect(await again).to.equal('one');
    expect(layouts, 'each asked for its layout once').to.deep.equal(['one', 'two']);
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

  describe('for requests for hits', () => {
    /** Hits by hand: what is asked for, and what is found by the alias. */
    function listing(builds: Readonly<Record<string, string | null>>) {
      const asked: unknown[] = [];
      const state = { serves: first, finds: () => true, waits: Promise.resolve(), asked };
      const serving = new Serving({
        serving: async () => {
          asked.push('which serves');
          return new Map([[entity.alias, state.serves]]);
        },
        layout: async ({ uuid }) => ({ layout: entity.layout, build: builds[uuid] ?? null }),
      });
      const list = async ({ index }: { readonly index: ServingIndex }, from: HitsFrom) => {
        asked.push([from.index, ...from.only.map(({ term }) => (term as Record<string, unknown>)._build)]);
        await state.waits;
        return { uuid: index.uuid, found: from.index !== entity.alias || state.finds() };
      };
      const answers = async () => {
        asked.length = 0;
        const { uuid } = await serving.withHits(entity, list, ({ found }) => found);
        return { uuid, asked: [...asked] };
      };
      return { state, answers };
    }

    it('is not asked for where hits of it are found by the alias', async () => {
      const { answers } = listing({ one: 'b1' });
      expect(await answers()).to.deep.equal({ uuid: 'one', asked: ['which serves', [first.name]] });
      for (const _ of [1, 2]) expect(await answers()).to.deep.equal({ uuid: 'one', asked: [[entity.alias, 'b1']] });
    });

    it('is asked for where none are found, and where that fails', async () => {
      const { state, answers } = listing({ one: 'b1', two: 'b2' });
      await answers();
      state.finds = () => false;
      const again = [[first.name], 'which serves'];
      expect(await answers()).to.deep.equal({ uuid: 'one', asked: [[entity.alias, 'b1'], ...again] });
      state.serves = second;
      expect(await answers()).to.deep.equal({ uuid: 'two', asked: [[entity.alias, 'b1'], ...again, [second.name]] });
      state.finds = () => {
        throw new Error('out of order');
      };
      const anew = ['which serves', [second.name]];
      expect(await answers()).to.deep.equal({ uuid: 'two', asked: [[entity.alias, 'b2'], ...anew] });
    });

    it('is asked for, too, where hits take long', async () => {
      const { state, answers } = listing({ one: 'b1' });
      await answers();
      const slow = Promise.withResolvers<void>();
      state.waits = slow.promise;
      const answering = answers();
      await until(() => state.asked.length === 2);
      slow.resolve();
      expect(await answering).to.deep.equal({ uuid: 'one', asked: [[entity.alias, 'b1'], 'which serves'] });
    });

    it('is asked for where searches can not tell it from others', async () => {
      const { answers } = listing({});
      await answers();
      expect(await answers()).to.deep.equal({ uuid: 'one', asked: [[first.name], 'which serves'] });
    });
  });
});
