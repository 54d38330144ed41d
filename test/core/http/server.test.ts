import { connect } from 'node:net';
import Router from '@koa/router';
import { expect } from 'chai';
import { localUrl } from '../../../core/config/peers.ts';
import { appOf } from '../../../core/http/app.ts';
import { listen } from '../../../core/http/server.ts';
import { noLogger } from '../../../core/runtime/logger.ts';
import { serve } from './served.ts';

const app = appOf(new Router(), { logger: noLogger, urlBytes: 1_000, audience: 'everyone' });
const refused = (host: string, port: number) =>
  listen(app, { host, port, urlBytes: 1_000 }).catch((error: unknown) => error);

describe('a server', () => {
  it('says where a process on the same host reaches it', () => {
    expect(['127.0.0.1', 'localhost', '0.0.0.0', '::', '::1'].map((host) => localUrl(host, 8000))).to.deep.equal([
      'http://127.0.0.1:8000',
      'http://localhost:8000',
      'http://127.0.0.1:8000',
      'http://[::1]:8000',
      'http://[::1]:8000',
    ]);
  });

  it('says so when it may not listen', async () => {
    await using server = await serve();
    expect(await refused('127.0.0.1', server.port)).to.include({ code: 'in_use' });
    expect(await refused('192.0.2.1', 0)).to.include({ code: 'configuration_invalid' });
  });

  it('finishes what it is asked before it stops, and closes connections that ask nothing', async () => {
    const asked = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<object>();
    const server = await serve({
      routes: (router) =>
        router.get('/slow', async (ctx) => {
          asked.resolve();
          ctx.body = await answer.promise;
        }),
    });
    const silent = connect(server.port, '127.0.0.1');
    await new Promise((resolve) => silent.once('connect', resolve));
    const slow = fetch(`${server.url}/slow`);
    await asked.promise;
    const start = performance.now();
    const stopped = server.stop();
    answer.resolve({ done: true });
    expect(await (await slow).json()).to.deep.equal({ done: true });
    await stopped;
    expect(performance.now() - start).to.be.below(2_000);
    silent.destroy();
  });
});
