import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { z } from 'zod';
import { connect } from '../../query/opensearch.ts';
import { engines } from '../rigs/engines.ts';
import { until } from '../rigs/until.ts';

const index = `left-${randomBytes(6).toString('hex')}`;
/** Searches end between two segments at the latest. */
const segments = 6;
const documentsOfSegment = 200;
const searches = 20;

/** Takes its time for each document. */
const slow = `long sum = 0; for (int i = 0; i < 20000; i++) { sum += i % params.n } return sum > 0`;
const slowSearch = (_: unknown, n: number) => ({
  ...{ index, preference: 'some' },
  body: {
    track_total_hits: true as const,
    size: 0,
    query: { bool: { filter: [{ script: { script: { source: slow, params: { n: n + 2 } } } }] } },
  },
});

const tasks = z.object({ nodes: z.record(z.string(), z.object({ tasks: z.record(z.string(), z.unknown()) })) });
const stats = z.object({
  _all: z.object({ total: z.object({ search: z.object({ query_total: z.int(), query_current: z.int() }) }) }),
});

describe('Searches that nobody waits for any more', () => {
  let url: string;
  const ask = async (method: string, path: string, body?: string): Promise<unknown> => {
    const headers = { 'Content-Type': 'application/json' };
    const response = await fetch(url + path, { method, ...(body === undefined ? {} : { body, headers }) });
    expect(response.status, path).to.equal(200);
    return response.json();
  };
  before(async () => {
    url = await engines.opensearch();
    await ask('PUT', `/${index}`, '{"settings": {"number_of_shards": 1}}');
    const documents = '{"index":{}}\n{}\n'.repeat(documentsOfSegment);
    for (let i = 0; i < segments; i++) await ask('POST', `/${index}/_bulk?refresh=true`, documents);
  });
  after(() => ask('DELETE', `/${index}`));

  const running = async (): Promise<number> => {
    const { nodes } = tasks.parse(await ask('GET', '/_tasks?actions=indices:data/read/*search*'));
    return Object.values(nodes).flatMap((node) => Object.keys(node.tasks)).length;
  };
  const ofIndex = async () => stats.parse(await ask('GET', `/${index}/_stats/search`))._all.total.search;

  it('end in OpenSearch', async () => {
    const engine = connect(url);
    const caller = new AbortController();
    const asked = engine.search(Array.from({ length: searches }, slowSearch), caller.signal);
    const left = asked.catch((error: unknown) => error);
    await until(async () => (await ofIndex()).query_current > 0);
    caller.abort(new Error('left'));
    expect(await left).to.have.property('message', 'left');
    await until(async () => (await running()) === 0);
    expect((await ofIndex()).query_total).to.be.below(searches / 2);
    await engine.close();
  });
});
