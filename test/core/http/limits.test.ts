import { request } from 'node:http';
import { connect } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect } from 'chai';
import type { Listening } from '../../../core/http/server.ts';
import { limits, serve } from './served.ts';

describe('limits', () => {
  let server: Listening & AsyncDisposable;
  before(async () => {
    server = await serve({ longUrlRemedy: 'Post it.' });
  });
  after(() => server.stop());

  const post = async (body: string | Uint8Array<ArrayBuffer>, type = 'application/json') => {
    const headers = { 'Content-Type': type };
    const response = await fetch(`${server.url}/echo`, { method: 'POST', body, headers });
    return [response.status, await response.json()];
  };

  it('hold for URLs', async () => {
    const path = (length: number) => `/hello?${'x'.repeat(length - '/hello?'.length)}`;
    expect((await fetch(server.url + path(limits.urlBytes))).status).to.equal(200);
    const refused = await fetch(server.url + path(limits.urlBytes + 1));
    expect([refused.status, await refused.json()]).to.deep.equal([
      413,
      { Code: 'PayloadTooLargeError', Message: 'The URL has 1001 bytes; 1000 is the most. Post it.' },
    ]);
    const overlong = await fetch(server.url + path(60_000));
    expect([overlong.status, ((await overlong.json()) as { Code: string }).Code]).to.deep.equal([
      413,
      'PayloadTooLargeError',
    ]);
  });

  const tooLarge = [413, { Code: 'PayloadTooLargeError', Message: 'The body has more than 100000 bytes. Send less.' }];

  it('hold for bodies that say their length', async () => {
    expect(await post('x'.repeat(limits.bodyBytes))).to.deep.equal([200, { length: limits.bodyBytes }]);
    expect(await post('x'.repeat(limits.bodyBytes + 1))).to.deep.equal(tooLarge);
  });

  it('hold for bodies that do not say their length, as soon as they are passed', async () => {
    const answer = await new Promise((resolve, reject) => {
      const endless = request(`${server.url}/echo`, { method: 'POST' }, (response) => {
        json(response)
          .then((body) => resolve([response.statusCode, body]), reject)
          .finally(() => endless.destroy());
      });
      endless.on('error', reject);
      for (let chunk = 0; chunk <= 4; chunk++) endless.write('x'.repeat(limits.bodyBytes / 4));
    });
    expect(answer).to.deep.equal(tooLarge);
  });

  it('know JSON in UTF-8 only', async () => {
    expect(await post('{}', 'Application/JSON; charset=utf-8')).to.deep.equal([200, { length: 2 }]);
    expect(await post('{}', 'text/plain')).to.deep.equal([
      415,
      { Code: 'UnsupportedMediaType', Message: 'Unsupported media type: text/plain. Send application/json.' },
    ]);
    const [status] = await post(new Uint8Array([0xc3, 0x28]));
    expect(status).to.equal(400);
  });

  it('know HTTP only', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(server.port, '127.0.0.1', () => socket.write('NONSENSE\r\n\r\n'));
      socket.on('data', (data) => resolve(data.toString())).on('error', reject);
    });
    expect(answer).to.match(/^HTTP\/1.1 400 Bad Request[\s\S]*Access-Control-Allow-Origin: \*[\s\S]*BadRequestError/);
  });
});
