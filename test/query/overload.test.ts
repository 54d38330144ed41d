import { expect } from 'chai';
import { systemClock } from '../../core/runtime/clock.ts';
import { whileWanted } from '../../core/runtime/deadline.ts';
import { type TurnLimits, Turns } from '../../core/runtime/turns.ts';
import { connect, type SearchEngine } from '../../query/opensearch.ts';
import { Serving } from '../../query/search/serving.ts';
import { engines } from '../rigs/engines.ts';
import { herbarium, idOf, sheet } from '../rigs/models/herbarium.ts';
import { type Answer, startService } from '../rigs/service/harness.ts';
import { until } from '../rigs/until.ts';

const documents = { sheets: Array.from({ length: 12 }, (_, i) => sheet(i, { title: `t${i}` })) };
const path = (i: number): string => `/index/sheets/${idOf(i)}`;

/** A service whose searches OpenSearch gets when a test lets them go, and which asks which indices serve once they may be known. */
async function slowService(limits: TurnLimits, known: Promise<void> = Promise.resolve()) {
  const engine = connect(await engines.opensearch());
  const held: { readonly signal: AbortSignal; readonly go: () => void }[] = [];
  const slow: SearchEngine = {
    ...engine,
    serving: async (aliases) => {
      await known;
      return engine.serving(aliases);
    },
    search: async (searches, signal) => {
      const { promise, resolve: go } = Promise.withResolvers<void>();
      held.push({ signal, go });
      await whileWanted(signal, () => promise);
      return engine.search(searches, signal);
    },
  };
  const turns = new Turns(limits, { clock: systemClock });
  const serving = new Serving(slow, { turns });
  const service = await startService({ plugin: herbarium, documents, deps: { engine: slow, serving } });
  const busy = (): number => turns.size.atOnce + turns.size.waiting;
  return { service, held, turns, busy, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}

describe('A service of which too much is asked', () => {
  it('searches for some at a time in the order in which they came, and refuses at once who would wait too long', async () => {
    await using slow = await slowService({ atOnce: 2, waiting: 3, waitMillis: 60_000 });
    const { service, held, busy } = slow;
    const answered: number[] = [];
    const ask = (i: number) => service.get(path(i)).finally(() => answered.push(i));
    const admitted: Promise<Answer>[] = [];
    for (let i = 0; i < 5; i++) {
      admitted.push(ask(i));
      await until(() => busy() === i + 1);
    }
    const refused = await Promise.all([5, 6, 7, 8].map(ask));
    for (const { status, headers, body } of refused) {
      expect([status, headers.get('Retry-After'), body]).to.deep.equal([
        503,
        '5',
        {
          Code: 'ServiceUnavailableError',
          Message: 'Too much is asked for at the moment. Try again in a few seconds.',
        },
      ]);
    }
    expect([held.length, (await service.get('/health/basic')).status]).to.deep.equal([2, 200]);
    answered.length = 0;
    for (let i = 0; i < 5; i++) {
      await until(() => held.length > i);
      held[i]?.go();
      const { status, body } = await (admitted[i] ?? expect.fail());
      expect([status, body.entity_id]).to.deep.equal([200, idOf(i)]);
    }
    expect(answered).to.deep.equal([0, 1, 2, 3, 4]);
  });

  it('refuses who has waited too long', async () => {
    await using slow = await slowService({ atOnce: 1, waiting: 3, waitMillis: 50 });
    const { service, held, busy } = slow;
    const first = service.get(path(1));
    await until(() => held.length === 1);
    const others = await Promise.all([2, 3].map((i) => service.get(path(i))));
    expect(others.map(({ status }) => status)).to.deep.equal([503, 503]);
    held[0]?.go();
    expect([(await first).status, busy(), held.length]).to.deep.equal([200, 0, 1]);
  });

  it('ends what it does for callers who have left, and answers the next one', async () => {
    await using slow = await slowService({ atOnce: 2, waiting: 20, waitMillis: 60_000 });
    const { service, held, busy } = slow;
    const callers = new AbortController();
    const list = '/index/sheets?size=2';
    const asked = [list, list, ...Array.from({ length: 8 }, (_, i) => path(i))].map((one) =>
      fetch(service.url + one, { signal: callers.signal }).catch(() => 'left'),
    );
    // Both lists have sent the search for their page, and together the one for their facets.
    await until(() => busy() === 10 && held.length === 3);
    callers.abort();
    expect(new Set(await Promise.all(asked))).to.deep.equal(new Set(['left']));
    await until(() => busy() === 0);
    expect([held.length, held.every(({ signal }) => signal.aborted)]).to.deep.equal([3, true]);
    const next = service.get(path(1));
    await until(() => held.length === 4);
    held[3]?.go();
    expect((await next).status).to.equal(200);
  });

  it('begins nothing for callers who have left before it knew where to search', async () => {
    const known = Promise.withResolvers<void>();
    await using slow = await slowService({ atOnce: 2, waiting: 20, waitMillis: 60_000 }, known.promise);
    const { service, held, busy } = slow;
    const caller = new AbortController();
    const asked = fetch(`${service.url}/index/sheets`, { signal: caller.signal }).catch(() => 'left');
    await until(() => busy() === 1);
    caller.abort();
    await until(() => busy() === 0);
    known.resolve();
    const next = service.get(path(1));
    await until(() => held.length === 1);
    held[0]?.go();
    expect([await asked, (await next).status, held.length]).to.deep.equal(['left', 200, 1]);
  });
});
