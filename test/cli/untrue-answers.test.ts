import type { IncomingMessage } from 'node:http';
import { expect } from 'chai';
import {
  changeRun,
  dropGeneration,
  forecastRun,
  ingestStatus,
  listRuns,
  removeSource,
  replay,
  rollBack,
  startReindex,
  startRun,
  touch,
  transformStatus,
  verify,
} from '../../cli/pipeline/workers.ts';
import { LazuliError } from '../../core/config/errors.ts';
import type { Settings } from '../../core/config/settings.ts';
import { parsedJson } from '../../core/config/text.ts';
import { everything } from '../../core/runs/run.ts';
import { runsControl } from '../../ingest/runs.ts';
import { type FakeWorker, fakeWorker } from './fake-worker.ts';
import { settingsIn, temporaryFolder } from './lazuli.ts';

const id = '20260101T000000000Z-abcdef';
const document = { catalog: 'hca', entityType: 'files', entityId: 'f' };

/** What is asked to be done, and answered by what was asked. */
const orders: Readonly<Record<string, (settings: Settings) => Promise<unknown>>> = {
  'index again': (settings) => startReindex(settings, 'hca'),
  'remove a source': (settings) => removeSource(settings, 'hca', 's'),
  'drop a generation': (settings) => dropGeneration(settings, 'hca', 2),
  'cancel a run': (settings) => changeRun(settings, 'hca', 'cancel', id),
  'resume a run': (settings) => changeRun(settings, 'hca', 'resume', id, { acceptVanished: true }),
  'compute a document again': (settings) => touch(settings, document),
  'cancel a run by the indexer': (settings) => runsControl(settings).change('hca', id, 'cancel'),
  'resume a run by the indexer': (settings) =>
    runsControl(settings).change('hca', id, 'resume', { acceptVanished: true }),
};

/** What else is asked. */
const questions: typeof orders = {
  'how transform is': transformStatus,
  'how ingest is': ingestStatus,
  'which runs there are': (settings) => listRuns(settings, 'hca'),
  'begin a run': (settings) => startRun(settings, 'hca', everything),
  'what a run would do': (settings) => forecastRun(settings, 'hca', everything),
  'load batches again': (settings) => replay(settings, 'hca', new Date(0)),
  'serve a former generation': (settings) => rollBack(settings, 'hca', undefined),
  'compare with the store': (settings) => verify(settings, 'hca', undefined),
  'begin a run by the indexer': (settings) => runsControl(settings).start('hca', everything),
  'which runs there are, by the indexer': (settings) => runsControl(settings).list('hca'),
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
