import { expect } from 'chai';
import { catalogSchema } from '../../core/config/catalogs.ts';
import { LazuliError } from '../../core/config/errors.ts';
import type { Repository } from '../../core/model/repository.ts';
import { IndexVanished } from '../../query/answers.ts';
import { catalogOf, type IndexedEntity } from '../../query/catalogs.ts';
import type { ServingIndex } from '../../query/opensearch.ts';
import { Serving } from '../../query/search/serving.ts';
import { herbarium } from '../rigs/models/herbarium.ts';
import { until } from '../rigs/until.ts';

const settings = { atlas: 'x', plugins: { metadata: { name: 'x' }, repository: { name: 'x' } }, sources: [] };
const catalog = catalogOf('t', 'plants', catalogSchema.parse(settings), herbarium, {} as Repository);
const entities = [...catalog.indexed.values()];
const [entity] = entities as [IndexedEntity];

/** Of somebody who waits for as long as it takes. */
const { signal: patient } = new AbortController();

type Indices = ReadonlyMap<string, ServingIndex>;

/** The indices of a generation. */
const generation = (number: number): Indices =>
  new Map(
    entities.map(({ alias, layout }) => [alias, { name: `${alias}_g${number}`, uuid: `${alias} ${number}`, layout }]),
  );

/** Aliases that are resolved by hand, one answer for each question, at a time that is set by hand. */
function byHand() {
  const asked: PromiseWithResolvers<Indices>[] = [];
  const time = { millis: 0 };
  const engine = {
    serving: (aliases: readonly string[]) => {
      expect(aliases, 'all indices of the catalog').to.deep.equal(entities.map(({ alias }) => alias));
      const question = Promise.withResolvers<Indices>();
      asked.push(question);
      return question.promise;
    },
  };
  const serving = new Serving(engine, { now: () => time.millis });
  const request = () => serving.with(patient, catalog, entity, async ({ index }) => index.name.split('_g')[1]);
  return { asked, time, serving, request };
}

const failed = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => expect.fail('It did not fail'),
    (error: unknown) => error,
  );

describe('the indices that serve', () => {
  it('are asked for once by all who come within a second, and again after it', async () => {
    const { asked, time, request } = byHand();
    const first = [request(), request()];
    asked[0]?.resolve(generation(1));
    expect(await Promise.all(first)).to.deep.equal(['1', '1']);
    time.millis = 1000;
    expect([await request(), asked.length]).to.deep.equal(['1', 1]);
    time.millis = 1001;
    const later = request();
    asked[1]?.resolve(generation(2));
    expect([await later, asked.length]).to.deep.equal(['2', 2]);
  });

  it('are not waited for with those who asked more than a second ago', async () => {
    const { asked, time, request } = byHand();
    const stalled = request();
    time.millis = 1001;
    const later = request();
    asked[1]?.resolve(generation(2));
    expect(await later).to.equal('2');
    asked[0]?.resolve(generation(1));
    expect(await stalled).to.equal('1');
    expect([await request(), asked.length]).to.deep.equal(['2', 2]);
  });

  it('are asked for again after a failure, which those are told of who waited', async () => {
    const { asked, request } = byHand();
    const outcomes = [failed(request()), failed(request())];
    const failure = new Error('out of order');
    asked[0]?.reject(failure);
    expect(await Promise.all(outcomes)).to.deep.equal([failure, failure]);
    const again = request();
    asked[1]?.resolve(generation(1));
    expect(await again).to.equal('1');
  });

  it('are of one generation for all entity types of a request, and for requests on different ones', async () => {
    const { asked, serving } = byHand();
    const numbers = serving.withAll(patient, catalog, entities, async (readings) =>
      readings.map((one) => one?.index.name),
    );
    const alone = entities.map((one) => serving.with(patient, catalog, one, async ({ index }) => index.name));
    asked[0]?.resolve(generation(3));
    const names = entities.map(({ alias }) => `${alias}_g3`);
    expect([await numbers, await Promise.all(alone), asked.length]).to.deep.equal([names, names, 1]);
  });

  it('are asked for at once, and work is done once more, where one vanished', async () => {
    const { asked, serving } = byHand();
    const tried: string[] = [];
    const work = () =>
      serving.with(patient, catalog, entity, async ({ index }) => {
        tried.push(index.name);
        if (index.name.endsWith('_g1')) throw new IndexVanished(new Error('gone'));
        return index.name;
      });
    const both = [work(), work()];
    asked[0]?.resolve(generation(1));
    while (asked.length < 2) await new Promise(setImmediate);
    asked[1]?.resolve(generation(2));
    expect(await Promise.all(both)).to.deep.equal([`${entity.alias}_g2`, `${entity.alias}_g2`]);
    expect([tried.length, asked.length]).to.deep.equal([4, 2]);
  });

  it('are not tried a third time', async () => {
    const { asked, serving } = byHand();
    let tries = 0;
    const work = serving.with(patient, catalog, entity, async () => {
      tries++;
      throw new IndexVanished(new Error('gone'));
    });
    asked[0]?.resolve(generation(1));
    while (asked.length < 2) await new Promise(setImmediate);
    asked[1]?.resolve(generation(1));
    expect(await failed(work)).to.include({ code: 'unavailable' });
    expect(tries).to.equal(2);
  });

  it('are asked for again where work takes long, which is not waited for where that fails', async () => {
    const { asked, time, serving } = byHand();
    const hanging = failed(serving.with(patient, catalog, entity, () => new Promise(() => {})));
    asked[0]?.resolve(generation(1));
    time.millis = 1001;
    await until(() => asked.length === 2);
    const failure = new Error('out of order');
    asked[1]?.reject(failure);
    expect(await hanging).to.equal(failure);
  });

  for (const error of [new LazuliError('unavailable', 'overloaded'), new TypeError('a bug')]) {
    it(`are not asked for after work failed otherwise, which is not done again: ${error.message}`, async () => {
      const { asked, serving } = byHand();
      let tries = 0;
      const work = () =>
        serving.with(patient, catalog, entity, async () => {
          tries++;
          throw error;
        });
      const first = failed(work());
      asked[0]?.resolve(generation(1));
      expect(await first).to.equal(error);
      expect(await failed(work())).to.equal(error);
      expect([tries, asked.length]).to.deep.equal([2, 1]);
    });
  }
});
