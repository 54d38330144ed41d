import { connect } from 'node:net';
import { expect } from 'chai';
import type { Listening } from '../../../core/http/server.ts';
import { limits, serve } from './served.ts';

/** What a server says to these bytes, until it hangs up. */
function said(port: number, sent: string | Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(sent));
    socket.on('data', (data) => {
      text += data.toString();
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
}

const end = 'Connection: close\r\n\r\n';
const post = `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n`;

const requests: readonly [what: string, sent: string, status: number, message: RegExp][] = [
  ['no Host', `GET /hello HTTP/1.1\r\n${end}`, 400, /Host is missing/],
  ['two of Host', `GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n${end}`, 400, /2 headers Host/],
  ['an expectation', `GET /nosuch HTTP/1.1\r\nHost: x\r\nExpect: wonders\r\n${end}`, 404, /nothing at/],
  ['a tunnel', `CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n${end}`, 405, /no proxy/],
  ['headers without end', `GET /hello HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(40_000)}\r\n${end}`, 413, /too long/],
  ['a length that is none', `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n${end}`, 400, /malformed/],
  ['a compressed body', `${post}Content-Encoding: gzip\r\n${end}{}`, 415, /content coding: gzip. Send/],
];

describe('a request with', () => {
  let server: Listening & AsyncDisposable;
  before(async () => {
    server = await serve();
  });
  after(() => server.stop());

  for (const [what, sent, status, message] of requests) {
    it(`${what} is refused with body and headers`, async () => {
      const [head = '', body = ''] = (await said(server.port, sent)).split('\r\n\r\n');
      expect(head.split('\r\n')[0]).to.match(new RegExp(`^HTTP/1.1 ${status} `));
      for (const header of [
        /^Access-Control-Allow-Origin: \*$/im,
        /^X-Content-Type-Options: nosniff$/im,
        /^X-Request-Id: [\da-f-]{36}$/im,
        /^Content-Type: application\/json/im,
      ]) {
        expect(head).to.match(header);
      }
      expect(JSON.parse(body)).to.have.all.keys('Code', 'Message').property('Message').match(message);
    });
  }

  it('no Host is fine where HTTP is too old for it, and so is a body that says it is not compressed', async () => {
    expect(await said(server.port, 'GET /hello HTTP/1.0\r\n\r\n')).to.match(/^HTTP\/1.1 200 /);
    expect(await said(server.port, `${post}Content-Encoding: identity\r\n${end}{}`)).to.match(/^HTTP\/1.1 200 /);
  });

  it('a body that is far too large is refused so that who sends all of it before reading gets to read why', async () => {
    const body = Buffer.alloc(20 * 1024 * 1024, 'x');
    for (const how of [`Content-Length: ${body.length}\r\n\r\n`, 'Transfer-Encoding: chunked\r\n\r\n']) {
      const begin = `POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${how}`;
      const chunked = how.startsWith('T');
      const sent = Buffer.concat([
        Buffer.from(begin + (chunked ? `${body.length.toString(16)}\r\n` : '')),
        body,
        Buffer.from(chunked ? '\r\n0\r\n\r\n' : ''),
      ]);
      const answer = await said(server.port, sent);
      expect(answer.slice(0, 300), how).to.match(/^HTTP\/1.1 413 /);
      expect(answer).to.include(`The body has more than ${limits.bodyBytes} bytes.`);
    }
  });
});
