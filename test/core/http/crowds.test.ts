import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import Koa from 'koa';
import { readBody } from '../../../core/http/body.ts';
import { outgoing } from '../../../core/http/outgoing.ts';
import type { RequestState } from '../../../core/http/state.ts';
import { until } from '../../rigs/until.ts';
import { serve } from './served.ts';

/** A client that says something, and then nothing more; it doesn't hang up either. */
async function client(port: number, says: string | Buffer, reads = true): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => {});
  await once(socket, 'connect');
  if (!reads) socket.pause();
  else socket.resume();
  if (says.length > 0) socket.write(says);
  return socket;
}

/** An answer of JSON. */
async function said(socket: Socket): Promise<string> {
  let text = '';
  for await (const chunk of socket) {
    text += chunk;
    if (text.endsWith('}')) break;
  }
  return text;
}

/** Reads on until so much has come. */
function bytesOf(socket: Socket, bytes: number): Promise<void> {
  let left = bytes;
  return new Promise((resolve) => {
    socket.on('data', ({ length }: Buffer) => {
      left -= length;
      if (left <= 0) resolve();
    });
    socket.resume();
  });
}

const idle: Readonly<Record<string, string>> = {
  'say half of a request': 'GET /hello HTTP/1.1\r\nHost: x\r\n',
  'send half of a body':
    'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{',
  'say nonsense': 'NONSENSE\r\n\r\n',
  'have been answered': 'GET /hello HTTP/1.1\r\nHost: x\r\n\r\n',
};

describe('however many clients', () => {
  for (const [do_, says] of Object.entries(idle)) {
    it(`${do_} and don't hang up, others are answered at once`, async () => {
      await using server = await serve();
      const clients = await Promise.all(Array.from({ length: 1_100 }, () => client(server.port, says)));
      const started = performance.now();
      const answer = await fetch(`${server.url}/hello`);
      expect(answer.status).to.equal(200);
      expect(performance.now() - started).to.be.below(2_000);
      for (const socket of clients) socket.destroy();
    });
  }

  it("don't take their answers, those that wait for it the longest make room for others", async () => {
    const app = new Koa<RequestState>();
    const answer = Buffer.alloc(16 * 2 ** 20);
    app.use(outgoing(3.5 * answer.length));
    app.use((ctx) => {
      ctx.body = answer;
    });
    const server = createServer(app.callback()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const cut = new Set<number>();
    const clients: Socket[] = [];
    for (const i of Array(6).keys()) {
      const socket = await client(port, 'GET / HTTP/1.1\r\nHost: x\r\n\r\n', false);
      await once(server, 'request');
      clients.push(socket.on('end', () => cut.add(i)).on('close', () => cut.add(i)));
    }
    const taken = clients.map((socket) => bytesOf(socket, answer.length));
    await until(() => cut.size === 3);
    expect([...cut].sort()).to.deep.equal([0, 1, 2]);
    await Promise.all(taken.slice(3));
    for (const socket of clients) socket.destroy();
    server.close();
  });

  it('send bodies at the same time, there is room for so much', async () => {
    const megabytes = 2 ** 20;
    await using server = await serve({
      routes: (router) =>
        router.post('/large', async (ctx) => {
          ctx.body = { length: (await readBody(ctx, { maxBytes: 50 * megabytes })).length };
        }),
    });
    const head = `POST /large HTTP/1.1\r\nHost: x\r\nContent-Length: ${45 * megabytes}\r\nConnection: close\r\n\r\n`;
    const [first, second] = [await client(server.port, head), await client(server.port, head)];
    first.pause().write(Buffer.alloc(40 * megabytes));
    await once(first, 'drain');
    second.pause().write(Buffer.alloc(40 * megabytes));
    expect(await said(second)).to.match(/^HTTP\/1.1 503 [\s\S]*Retry-After: \d+[\s\S]*Too much is being sent/i);
    first.write(Buffer.alloc(5 * megabytes));
    expect(await said(first)).to.match(/^HTTP\/1.1 200 [\s\S]*"length":47185920/);
    for (const socket of [first, second]) socket.destroy();
  });
});

describe('a request', () => {
  it('is refused once its time is over, and what it began is ended', async () => {
    const ended = Promise.withResolvers<unknown>();
    await using server = await serve({
      answerMillis: 100,
      routes: (router) =>
        router.get('/never', ({ state: { signal } }) => {
          signal.addEventListener('abort', () => ended.resolve(signal.reason));
          return new Promise(() => {});
        }),
    });
    const answer = await fetch(`${server.url}/never`);
    expect([answer.status, answer.headers.get('Retry-After')]).to.deep.equal([503, '5']);
    expect(await answer.json()).to.deep.equal({
      Code: 'ServiceUnavailableError',
      Message: 'There is no answer within 0.1 seconds. Try again in a few seconds.',
    });
    expect(await ended.promise).to.include({ code: 'unavailable' });
    expect((await fetch(`${server.url}/hello`)).status).to.equal(200);
  });

  it('is given up when its caller hangs up, which is no fault', async () => {
    const ended = Promise.withResolvers<unknown>();
    const asked = Promise.withResolvers<void>();
    const lines: unknown[] = [];
    const line = (level: string) => (fields: object, message: string) => lines.push({ level, message, ...fields });
    const logger = { info: line('info'), warn: line('warn'), error: line('error') };
    await using server = await serve({
      logger,
      routes: (router) =>
        router.get('/never', ({ state: { signal } }) => {
          signal.addEventListener('abort', () => ended.resolve(signal.reason));
          asked.resolve();
          return new Promise(() => {});
        }),
    });
    const caller = new AbortController();
    const answer = fetch(`${server.url}/never`, { signal: caller.signal }).catch(() => 'left');
    await asked.promise;
    caller.abort();
    expect([await answer, String(await ended.promise)]).to.deep.equal(['left', 'Error: The caller has hung up.']);
    await until(() => lines.length === 2);
    expect(lines.map((one) => (one as { level: string }).level)).to.deep.equal(['info', 'info']);
    expect(lines.some((one) => (one as { status?: number }).status === 499)).to.equal(true);
  });
});
