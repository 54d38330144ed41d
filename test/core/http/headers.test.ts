import { expect } from 'chai';
import { serve } from './served.ts';

const paths = ['/hello', '/nosuch', `/hello?${'x'.repeat(1_000)}`];

describe('headers', () => {
  it('of every answer, errors too, keep browsers safe and name the request', async () => {
    await using server = await serve();
    for (const path of paths) {
      const { headers } = await fetch(server.url + path, { headers: { 'X-Request-Id': 'me-1' } });
      expect(Object.fromEntries(headers), path).to.deep.include({
        'access-control-allow-origin': '*',
        'cache-control': 'no-store',
        'content-security-policy': "default-src 'self'",
        'referrer-policy': 'strict-origin-when-cross-origin',
        'strict-transport-security': 'max-age=63072000; includeSubDomains; preload',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'x-request-id': 'me-1',
        'x-xss-protection': '1; mode=block',
      });
    }
  });

  it('keep no id of a request that could forge a log', async () => {
    await using server = await serve();
    for (const id of ['', 'not sane', 'x'.repeat(129), '"}']) {
      const { headers } = await fetch(`${server.url}/hello`, { headers: { 'X-Request-Id': id } });
      expect(headers.get('X-Request-Id')).to.match(/^[\da-f-]{36}$/);
    }
  });

  it('let pages of other origins call what is for everyone', async () => {
    await using everyone = await serve();
    const allowed = await fetch(`${everyone.url}/echo`, { method: 'OPTIONS' });
    expect([allowed.status, allowed.headers.get('Access-Control-Allow-Methods')]).to.deep.equal([204, 'POST, OPTIONS']);
  });

  it('let pages come that ask for what there is not: they get to read what was wrong', async () => {
    await using server = await serve();
    const wrong: readonly [method: string, path: string, status: number][] = [
      ['POST', '/nosuch', 404],
      ['GET', '/nosuch', 404],
      ['DELETE', '/echo', 405],
      ['PATCH', '/nosuch/at/all', 404],
      ['PUT', `/hello?${'x'.repeat(1_000)}`, 413],
    ];
    for (const [method, path, status] of wrong) {
      const asks = { Origin: 'https://portal.example', 'Access-Control-Request-Method': method };
      const before = await fetch(server.url + path.slice(0, 500), { method: 'OPTIONS', headers: asks });
      expect([before.status, before.headers.get('Access-Control-Allow-Origin')], path).to.deep.equal([204, '*']);
      expect(before.headers.get('Access-Control-Allow-Methods')?.split(', '), path).to.include(method);
      expect(before.headers.get('Access-Control-Allow-Headers')).to.match(/Content-Type/);
      const answer = await fetch(server.url + path, { method, headers: { Origin: asks.Origin } });
      expect([answer.status, answer.headers.get('Access-Control-Allow-Origin')], path).to.deep.equal([status, '*']);
      expect(await answer.json()).to.have.all.keys('Code', 'Message');
    }
  });

  it('let no page of another origin call what is for operators', async () => {
    await using operators = await serve({ audience: 'operators' });
    for (const method of ['OPTIONS', 'GET']) {
      const { headers } = await fetch(`${operators.url}/hello`, { method });
      expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).to.deep.equal([]);
      expect(headers.get('X-Frame-Options')).to.equal('DENY');
    }
  });
});
