import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { parsedJson } from '../../core/config/text.ts';
import { transformControl } from '../../core/control/transform.ts';
import { ingestOf, type Owner, ownerOf } from '../../core/control/workers.ts';
import { everything } from '../../core/runs/run.ts';
import { askOwners } from '../../ingest/runs.ts';
import { settingsIn, temporaryFolder } from '../rigs/cli/lazuli.ts';
import { type FakeWorker, fakeWorker } from './fake-worker.ts';

const catalog = 'hca';
const run = { catalog, id: '20260101T000000000Z-abcdef' };

/** Each thing that a transform worker can be asked. */
const asked: Readonly<Record<keyof typeof transformControl, (owner: Owner) => Promise<unknown>>> = {
  status: (owner) => owner.status(),
  runs: (owner) => owner.runs({ catalog }),
  startRun: (owner) => owner.startRun({ catalog, ...everything }),
  reindex: (owner) => owner.reindex({ catalog }),
  forecast: (owner) => owner.forecast({ catalog, ...everything }),
  cancelRun: (owner) => owner.cancelRun(run),
  resumeRun: (owner) => owner.resumeRun({ ...run, acceptVanished: true }),
  verify: (owner) => owner.verify({ catalog }),
  verifyDocuments: (owner) => owner.verifyDocuments({ catalog }),
  rollBack: (owner) => owner.rollBack({ catalog }),
  drop: (owner) => owner.drop({ catalog, generation: 2 }),
  replay: (owner) => owner.replay({ catalog, from: new Date(0).toISOString() }),
  removeSource: (owner) => owner.removeSource({ catalog, source: 's' }),
  touch: (owner) => owner.touch({ catalog, entityType: 'files', entityId: 'f' }),
};
const all = Object.entries(asked).map(([name, ask]) => {
  const by = (settings: Settings) => ask(ownerOf(settings, catalog));
  return { name, isOrder: transformControl[name as keyof typeof asked].isOrder, by };
});
const some = (areOrders: boolean): typeof orders =>
  Object.fromEntries(all.filter(({ isOrder }) => isOrder === areOrders).map(({ name, by }) => [name, by]));

/** What is asked to be done, and answered by what was asked. */
const orders: Readonly<Record<string, (settings: Settings) => Promise<unknown>>> = {
  ...some(true),
  'cancel a run by the indexer': (settings) => askOwners(settings)(catalog, (owner) => owner.cancelRun(run)),
  'resume a run by the indexer': (settings) =>
    askOwners(settings)(catalog, (owner) => owner.resumeRun({ ...run, acceptVanished: true })),
};

/** What else is asked. */
const questions: typeof orders = {
  ...some(false),
  'how ingest is': (settings) => ingestOf(settings).status(),
  'begin a run by the indexer': (settings) =>
    askOwners(settings)(catalog, (owner) => owner.startRun({ catalog, ...everything })),
  'which runs there are, by the indexer': (settings) =>
    askOwners(settings)(catalog, (owner) => owner.runs({ catalog })),
};

/** Answers with success of somebody who has not understood the question. */
const untrue: Readonly<Record<string, string>> = {
  'the page of a proxy': '<!doctype html><title>Sign in</title>',
  'a word': 'Accepted',
  nothing: '',
  'an object without members': '{}',
  null: 'null',
  'what is of somebody else': '{"status": "ok", "catalog": "other"}',
};

describe('An answer to the command line', () => {
  const folder = temporaryFolder();
  let worker: FakeWorker;
  let answer: (asked: unknown) => string;
  let settings: Settings;

  before(async () => {
    worker = await fakeWorker(async (request, response) => {
      const text = answer(await bodyOf(request));
      response.writeHead(request.url?.includes('start') ? 202 : 200, { 'content-type': 'text/html' }).end(text);
    });
    const { port } = worker;
    const some = settingsIn(folder.path);
    settings = { ...some, http: { ...some.http, transform: port, ingest: port } };
  });
  after(() => {
    folder[Symbol.dispose]();
    worker[Symbol.dispose]();
  });

  for (const [what, text] of Object.entries(untrue)) {
    it(`that is ${what} is not believed, whatever was asked`, async () => {
      answer = () => text;
      for (const [asked, ask] of Object.entries({ ...orders, ...questions })) {
        const error = await ask(settings).catch((reason: unknown) => reason);
        expect(error, asked).to.be.instanceOf(LazuliError).with.property('code', 'unavailable');
      }
    });
  }

  it('that repeats what was asked for is believed', async () => {
    answer = (asked) => JSON.stringify(asked);
    for (const ask of Object.values(orders)) await ask(settings);
  });

  it('that repeats something else is not', async () => {
    answer = (asked) => JSON.stringify({ ...(asked as object), catalog: 'other' });
    for (const [asked, ask] of Object.entries(orders)) {
      const error = await ask(settings).catch((reason: unknown) => reason);
      expect(error, asked).to.be.instanceOf(LazuliError).with.property('code', 'unavailable');
    }
  });
});

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return parts.length === 0 ? null : parsedJson(Buffer.concat(parts));
}
