import type Router from '@koa/router';
import { expect } from 'chai';
import { pino } from 'pino';
import type { RequestState } from '../../../core/http/state.ts';
import { serve } from './served.ts';

type Line = Readonly<Record<string, unknown>>;

/** The log of a server, read line by line as requests are made. */
function log() {
  const lines: Line[] = [];
  let added = () => {};
  const write = (line: string) => {
    lines.push(JSON.parse(line));
    added();
  };
  const logged = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<Line> => {
    const line = new Promise<void>((resolve) => {
      added = resolve;
    });
    await fetch(url, { headers });
    await line;
    return lines.at(-1) ?? {};
  };
  return { logger: pino({ base: null }, { write }), lines, logged };
}

const headers = { Authorization: 'Bearer secret', 'X-Request-Id': 'r1', 'User-Agent': 'test' };

describe('the access log', () => {
  it('has one line a request, with its id', async () => {
    const { logger, logged } = log();
    await using server = await serve({ logger });
    const { time, millis, level, bytes, ...line } = await logged(`${server.url}/hello?size=1&size=2`, headers);
    expect(line).to.deep.equal({
      request: 'r1',
      method: 'GET',
      path: '/hello',
      query: 'size=1&size=2',
      status: 200,
      agent: 'test',
      complete: true,
      msg: 'answered',
    });
    expect([time, millis, level, bytes].every(Number.isFinite)).to.equal(true);
  });

  it('has neither tokens nor signatures', async () => {
    const { logger, lines, logged } = log();
    await using server = await serve({ logger });
    const secrets = 'token=secret&token=secret&X-Amz-Signature=secret&Access_Token=secret&n=1';
    expect(await logged(`${server.url}/nosuch?${secrets}`, headers)).to.deep.include({
      query: 'token=redacted&token=redacted&X-Amz-Signature=redacted&Access_Token=redacted&n=1',
      status: 404,
    });
    expect(JSON.stringify(lines)).not.to.include('secret');
  });

  it('has no token that is a part of a path', async () => {
    const { logger, lines, logged } = log();
    const routes = (router: Router<RequestState>) =>
      router.get('/waiting/:token', (ctx) => {
        ctx.body = 'yes';
      });
    await using server = await serve({ logger, routes });
    expect(await logged(`${server.url}/waiting/secret`)).to.deep.include({ path: '/waiting/redacted', status: 200 });
    expect(JSON.stringify(lines)).not.to.include('secret');
  });

  it('is not kept of what operators ask, except what fails', async () => {
    const { logger, lines, logged } = log();
    const fail = () => {
      throw new Error('out of order');
    };
    await using server = await serve({ logger, audience: 'operators', routes: (router) => router.get('/fail', fail) });
    await fetch(`${server.url}/hello`);
    const failed = await logged(`${server.url}/fail`, headers);
    expect([lines.length, failed.msg, failed.request]).to.deep.equal([1, 'failed', 'r1']);
  });
});
