import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { systemClock } from '../../../../core/runtime/clock.ts';
import type { Page, Query } from '../../../../plugins/repository/tdr/bigquery/queries.ts';
import { patient } from '../../../signals.ts';
import { queriesAt } from './queries-at.ts';

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

const begun: Answer = { status: 200, body: { status: { state: 'RUNNING' } } };
const failed = (reason: string, message: string): Answer => ({
  status: 200,
  body: { status: { state: 'DONE', errorResult: { reason, message } } },
});
const refused = (status: number, message: string): Answer => ({
  status,
  body: { error: { code: status, message, errors: [{ reason: 'some', message }] } },
});
const schema = { fields: [{ name: 'id', type: 'STRING' }] };
const rows = (ids: readonly string[], totalRows = ids.length, pageToken?: string): Answer => ({
  status: 200,
  body: { jobComplete: true, schema, totalRows: String(totalRows), pageToken, rows: ids.map((v) => ({ f: [{ v }] })) },
});
const notYet: Answer = { status: 200, body: { jobComplete: false } };
const page: Answer = { status: 200, body: '<html>Sign in</html>' };

describe('Queries of BigQuery', () => {
  let server: Server;
  let answers: Answer[] = [];
  let asked: string[] = [];
  let ids: string[] = [];
  let waited: number[] = [];

  before(async () => {
    server = createServer(async (request, response) => {
      const [path = ''] = (request.url ?? '').split('?');
      const body: Buffer[] = [];
      for await (const some of request) body.push(some);
      const job = /"jobId":"([^"]+)"/.exec(Buffer.concat(body).toString())?.[1];
      if (job !== undefined) ids.push(job);
      asked.push(`${request.method} ${path.replace('/bigquery/v2/projects/payer', '').replace(/[0-9a-f-]{36}/, 'ID')}`);
      const { status, body: answer } = answers.shift() ?? refused(404, 'nothing more is said');
      response.writeHead(status, { 'content-type': typeof answer === 'string' ? 'text/html' : 'application/json' });
      response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => server.close());
  beforeEach(() => {
    [asked, ids, waited] = [[], [], []];
  });

  const clock = {
    ...systemClock,
    sleep: async (millis: number, signal?: AbortSignal) => {
      if (millis > 100_000) return systemClock.sleep(millis, signal);
      waited.push(millis);
    },
  };
  /** What comes of such answers: ids, or what is wrong. */
  async function outcome(told: readonly Answer[], query: Query = { sql: 'SELECT 1' }, signal = patient) {
    answers = [...told];
    const { port } = server.address() as AddressInfo;
    const queries = queriesAt(`http://127.0.0.1:${port}`, { clock, queryMillis: 600_000 });
    const all: Page[] = [];
    try {
      for await (const one of queries.pages(query, signal)) all.push(one);
      return all.flatMap((one) => one.rows.map(([id]) => id));
    } catch (error) {
      return (error as Error).message;
    }
  }

  it('are one job, waited for, and read page by page', async () => {
    expect(await outcome([begun, notYet, rows(['a'], 3, 'next'), rows(['b', 'c'], 3)])).to.deep.equal(['a', 'b', 'c']);
    expect(asked).to.deep.equal(['POST /jobs', ...Array(3).fill('GET /queries/ID')]);
    expect(waited).to.deep.equal([1_000]);
  });

  it('are tried again after 10, 20, 40 and 80 seconds where BigQuery is busy, and not where they are wrong', async () => {
    for (const answer of [
      refused(503, 'a'),
      refused(403, 'Exceeded rate limits: too many'),
      refused(400, 'the project has no reservation in the data region'),
    ]) {
      expect(await outcome([answer, answer, answer, answer, begun, rows(['a'])])).to.deep.equal(['a']);
      expect(waited.splice(0)).to.deep.equal([10_000, 20_000, 40_000, 80_000]);
      expect(await outcome(Array(5).fill(answer))).to.be.a('string');
      expect(waited.splice(0)).to.have.length(4);
    }
    for (const answer of [refused(400, 'syntax'), refused(401, 'who'), refused(403, 'no access'), refused(404, 'no')]) {
      expect(await outcome([answer])).to.equal(
        `${answer.status} some: ${JSON.parse(JSON.stringify(answer.body)).error.message}`,
      );
      expect(waited).to.deep.equal([]);
    }
  });

  it('run as often as they fail, and no more often', async () => {
    const lost = refused(500, 'lost');
    expect(await outcome([lost, refused(409, 'Already Exists'), rows(['a'])])).to.deep.equal(['a']);
    expect(new Set(ids)).to.have.property('size', 1);
    ids = [];
    expect(await outcome([begun, lost, begun, rows(['a'])])).to.deep.equal(['a']);
    expect(ids).to.have.length(1);
    ids = [];
    const busy = failed('backendError', 'busy');
    expect(await outcome([begun, lost, busy, begun, rows(['a'])])).to.deep.equal(['a']);
    expect(new Set(ids)).to.have.property('size', 2);
    expect(await outcome([failed('invalidQuery', 'Unrecognized name: b')])).to.equal(
      '400 invalidQuery: Unrecognized name: b',
    );
  });

  it('give all rows that were counted, or an error', async () => {
    expect(await outcome([begun, rows(['a'], 2)])).to.equal('1 rows came of the 2 that were counted');
    expect(await outcome([begun, rows(['a', 'b'], 1)])).to.match(/^more rows came than the 1/);
    expect(await outcome([begun, rows(['a'], 3, 'n'), rows(['b'], 3, 'n')])).to.equal('a page leads to itself');
    const swallowed = {
      status: 200,
      body: { jobComplete: true, errors: [{ reason: 'notFound', message: 'no table' }] },
    };
    expect(await outcome([begun, swallowed])).to.equal('404 notFound: no table');
    const numbers = { ...begun, body: { jobComplete: true, schema, totalRows: '1', rows: [{ f: [{ v: 1 }] }] } };
    expect(await outcome([begun, ...Array(9).fill(numbers)])).to.equal('a row has something else than a text for id');
    expect(await outcome(Array(5).fill(page))).to.be.a('string');
  });

  it('are cancelled when nobody waits any more', async () => {
    const leaving = new AbortController();
    answers = [];
    const polls = {
      get status() {
        leaving.abort(new Error('Nobody waits'));
        return 200;
      },
      body: { jobComplete: false },
    };
    expect(await outcome([begun, polls, begun], undefined, leaving.signal)).to.equal('Nobody waits');
    await new Promise<void>((resolve) => {
      const seen = () => (asked.length > 2 ? resolve() : void setImmediate(seen));
      seen();
    });
    expect(asked).to.deep.equal(['POST /jobs', 'GET /queries/ID', 'POST /jobs/ID/cancel']);
  });
});
