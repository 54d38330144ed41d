import { connect, type Socket } from 'node:net';
import { expect } from 'chai';
import type { Patience } from '../../../core/http/server.ts';
import { serve } from './served.ts';

/** So little that a test sees the end of it. */
const patience: Patience = {
  headersTimeout: 200,
  requestTimeout: 400,
  keepAliveTimeout: 300,
  idleTimeout: 1_500,
  lookTimeout: 50,
  graceTimeout: 200,
};

/** What a server says to a client that sends these parts, one every 20 ms, until the server hangs up. */
function dribble(port: number, parts: Iterable<string>): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket: Socket = connect(port, '127.0.0.1');
    const rest = parts[Symbol.iterator]();
    const timer = setInterval(() => {
      const { value, done } = rest.next();
      if (done !== true && socket.writable) socket.write(value);
    }, 20);
    let said = '';
    socket.on('data', (data) => {
      said += data.toString();
    });
    socket.on('close', () => {
      clearInterval(timer);
      resolve(said);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') reject(error);
    });
  });
}

function* endless(first: string, more: string): Generator<string> {
  yield first;
  for (;;) yield more;
}

const tooSlow = /^HTTP\/1.1 408 Request Timeout[\s\S]*Access-Control-Allow-Origin: \*[\s\S]*"RequestTimeoutError"/;

describe('clients that take their time', () => {
  it('are hung up on when headers do not arrive, whatever they keep sending', async () => {
    await using server = await serve({ patience });
    const said = await dribble(server.port, endless('GET /hello HTTP/1.1\r\nHost: x\r\n', 'X-More: 1\r\n'));
    expect(said).to.match(tooSlow);
    expect(said).to.match(/X-Content-Type-Options: nosniff/);
  });

  it('are hung up on when the body does not arrive', async () => {
    await using server = await serve({ patience });
    const headers = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999\r\n\r\n';
    expect(await dribble(server.port, endless(headers, ' '))).to.match(/^(HTTP\/1.1 4\d\d|$)/);
  });

  it('are hung up on when they ask nothing at all, or nothing more', async () => {
    await using server = await serve({ patience });
    expect(await dribble(server.port, [])).to.match(/^(HTTP\/1.1 408|$)/);
    expect(await dribble(server.port, ['GET /hello HTTP/1.1\r\nHost: x\r\n\r\n'])).to.match(/^HTTP\/1.1 200 OK/);
  });

  it('do not keep others waiting', async () => {
    await using server = await serve({ patience });
    const slow = Array.from({ length: 50 }, () => dribble(server.port, endless('GET / HTTP/1.1\r\n', 'X: 1\r\n')));
    expect((await fetch(`${server.url}/hello`)).status).to.equal(200);
    await Promise.all(slow);
  });

  it('are cut off when the server stops and their time is over', async () => {
    const asked = Promise.withResolvers<void>();
    const server = await serve({
      patience,
      routes: (router) =>
        router.get('/never', () => {
          asked.resolve();
          return new Promise(() => {});
        }),
    });
    const cut = fetch(`${server.url}/never`).then(
      () => 'answered',
      () => 'cut',
    );
    await asked.promise;
    await server.stop();
    expect(await cut).to.equal('cut');
  });
});
