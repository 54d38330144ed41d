import { expect } from 'chai';
import { noLogger } from '../../core/runtime/logger.ts';
import { hca } from '../../plugins/metadata/hca/plugin.ts';
import { startQuery } from '../../query/worker.ts';
import { Readers, type Reading } from '../rigs/service/readers.ts';
import { markGeneration, markOf } from './marked.ts';
import { Pipeline } from './pipeline.ts';
import { catalog } from './pipeline-settings.ts';
import { generatedWorld, smallWorld } from './world.ts';

const perSecond = 120;
/** A machine that runs other tests beside has no time for as many. */
const atLeast = process.env.LAZULI_TEST_LONG === '1' ? 100 : 5;
/** Documents of a generation that nobody has marked. */
const unmarked = '';

/** A world is indexed and served. Documents of its generation are marked. */
async function served() {
  const pipeline = await Pipeline.open({ world: await generatedWorld(smallWorld, hca), limits: { bucketLinks: 128 } });
  await pipeline.start();
  await pipeline.notify();
  await pipeline.settled();
  await pipeline.stop('ingest');
  const { settings } = pipeline;
  const http = { ...settings.http, query: 0, metrics: 0 };
  const query = await startQuery({ ...settings, http }, { logger: noLogger });
  const mark = (generation: number) => markGeneration(pipeline.opensearch, settings, catalog, generation);
  await mark(1);
  const end = async (): Promise<void> => {
    await query.stop();
    await pipeline[Symbol.asyncDispose]();
  };
  return { pipeline, mark, url: query.url, [Symbol.asyncDispose]: end };
}

interface Page {
  readonly hits: readonly { readonly entryId: string }[];
  readonly pagination: { readonly next: string | null };
}

async function get<T = Page>(url: string): Promise<T> {
  const response = await fetch(url);
  if (response.status !== 200) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return (await response.json()) as T;
}

/** Lists with facets, some of them filtered, the page after the first one, a single entity of each type, the summary. */
async function pathsOf(url: string): Promise<readonly string[]> {
  const lists = ['files', 'samples', 'projects', 'bundles'].map((type) => `/index/${type}?size=2`);
  const pages = await Promise.all(lists.map((path) => get(url + path)));
  const nexts = pages.flatMap(({ pagination: { next } }) => (next === null ? [] : [next.slice(url.length)]));
  const entities = pages.map(({ hits }, i) => lists[i]?.replace(/\?.*/, `/${hits[0]?.entryId}`) ?? '');
  const filters = encodeURIComponent(JSON.stringify({ workflow: { is: [null] } }));
  const filtered = ['files', 'projects'].map((type) => `/index/${type}?filters=${filters}`);
  expect(nexts.length, 'pages after the first one').to.be.at.least(3);
  return [...lists, ...filtered, ...nexts, ...entities, '/index/summary'];
}

/** What the generation that serves, whose mark it is, answers now; others differ in the mark alone. */
async function readingOf(url: string, path: string, mark: string): Promise<Reading> {
  const text = JSON.stringify(await get<unknown>(url + path));
  expect(text, `${path} can't be told from that of another generation`).to.include(mark);
  return { path, answer: (other) => text.replaceAll(mark, other) };
}

describe('Readers of a catalog', function () {
  this.timeout(300_000);

  it('notice nothing of builds, swaps and rollbacks, but that other documents are served', async () => {
    await using scene = await served();
    const { pipeline, url, mark } = scene;
    const readings = await Promise.all((await pathsOf(url)).map((path) => readingOf(url, path, markOf(1))));
    const readers = new Readers(url, readings, markOf(1), perSecond);
    const build = (generation: number) => async () => {
      await pipeline.reindex();
      await pipeline.generation(generation);
    };
    await readers.while(build(2), unmarked);
    await readers.while(() => pipeline.rollBack(1), markOf(1));
    await mark(2);
    await readers.while(() => pipeline.rollBack(2), markOf(2));
    await readers.while(build(3), unmarked);
    await readers.while(() => pipeline.rollBack(2), markOf(2));
    await mark(3);
    await readers.while(() => pipeline.rollBack(3), markOf(3));
    await readers.end();
    expect(readers.wrong).to.deep.equal([]);
    expect(readers.rate, 'requests a second').to.be.at.least(atLeast);
  });
});
